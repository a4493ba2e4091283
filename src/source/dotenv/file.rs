//! Finds the definitions in an environment file.
//!
//! If a file sets any `AIRFLOW_CONN_…`, all other names in it are other variables. Otherwise every name is a `conn_id`,
//! except those that begin with `AIRFLOW_`, which are Airflow's settings. A line that is not read gets no warning
//! unless it looks like a connection.

use std::path::Path;

use super::lines::{Assignment, Style, assignments};
use super::unread;
use crate::model::connection::{Connection, Origin};
use crate::model::notice::{Repeated, SourceNotice, VariableNotice};
use crate::model::problem::EntryFlaw;
use crate::model::reason::Source;
use crate::source::environment::{self, is_variable};
use crate::source::error::SourceError;
use crate::source::loaded::Found;
use crate::source::{entry, foreign, shape};

/// Reads every definition of a file. `source` is its name. Relative file names in the definitions start from
/// `directory`.
pub(in crate::source) fn read(text: &str, source: &str, directory: Option<&Path>) -> Result<Found, SourceError> {
    let of_variables = assignments(text).any(|assignment| assignment.name.is_some_and(is_variable));
    let is_definition = |assignment: &Assignment<'_>| match assignment.name {
        Some(name) => is_variable(name) || !of_variables && !name.starts_with("AIRFLOW_"),
        None => !of_variables,
    };
    // One more than the limit shows that there are too many.
    let read: Vec<Assignment<'_>> = assignments(text).filter(is_definition).take(shape::DEFINITIONS + 1).collect();
    if read.len() > shape::DEFINITIONS {
        return Err(SourceError::Own(Source::TooMany { file: source.to_owned(), most: shape::DEFINITIONS }));
    }
    if read.iter().all(|assignment| assignment.value.is_err())
        && let Some(foreign) = foreign::text(text)
    {
        return Err(SourceError::foreign(source, foreign));
    }
    let unread = unread::find(assignments(text).filter(|assignment| !is_definition(assignment)));
    if read.is_empty() {
        return Err(SourceError::unusable(source, unread::nothing_else(&unread)));
    }
    let places = shape::occurrences(read.iter().map(|assignment| assignment.name.unwrap_or_default()));
    let connections = read.into_iter().zip(places).map(|(assignment, (occurrence, occurrences))| {
        let pointer = assignment.name.map(|name| format!("/{}", shape::escape(name))).unwrap_or_default();
        let origin = Origin { source: source.to_owned(), line: Some(assignment.line), pointer, occurrence };
        let mut connection = Connection::new(origin);
        connection.directory = directory.map(Path::to_owned);
        fill(&mut connection, &assignment, occurrences);
        connection
    });
    Ok(Found { connections: connections.collect(), warnings: unread::warnings(&unread) })
}

fn fill(connection: &mut Connection, assignment: &Assignment<'_>, occurrences: usize) {
    let variable = assignment.name.filter(|name| is_variable(name));
    if assignment.name.is_some() && occurrences > 1 {
        let rule = if variable.is_some() { Repeated::LastCounts } else { Repeated::Refused };
        connection.warnings.push(SourceNotice::NameTwice { count: occurrences, rule }.into());
    }
    let Style { export, quotes, blanks, comment, expands } = assignment.style;
    if variable.is_some() && expands {
        connection.warnings.push(VariableNotice::Expanded.into());
    } else if variable.is_none() && (export || quotes || blanks || comment) {
        connection.warnings.push(VariableNotice::Syntax { export, quotes, blanks, comment }.into());
    }
    match variable {
        Some(variable) => environment::read_name(variable, connection),
        None => connection.conn_id = assignment.name.map(str::to_owned),
    }
    match (&assignment.value, variable) {
        (Ok(value), Some(_)) => entry::value(value, connection),
        (Ok(value), None) => entry::text_in_file(value, connection),
        (Err(line), _) => connection.problems.push(EntryFlaw::Line(*line).into()),
    }
}
