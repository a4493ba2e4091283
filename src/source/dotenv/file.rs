//! Environment files: `conn_id=URI or JSON` lines, as Airflow exports and imports them, and
//! `AIRFLOW_CONN_ID=URI or JSON` lines, as shells and compose set variables from them.
//!
//! Where a file sets any `AIRFLOW_CONN_…`, its other names are other variables; where it sets none,
//! every name is a `conn_id`, except those that begin with `AIRFLOW_`, which are Airflow's settings.
//! A line that is not read passes silently unless it looks like a connection.

use std::path::Path;

use super::lines::{Assignment, Fault, Style, assignments};
use super::unread;
use crate::model::connection::{Connection, Origin, Problem};
use crate::model::reason::{ReasonCode, Source};
use crate::model::warning::{Warning, WarningCode};
use crate::source::environment::{self, is_variable};
use crate::source::error::SourceError;
use crate::source::loaded::Found;
use crate::source::{entry, foreign, shape};

/// Reads every definition of a file. `source` is its name, `directory` where relative names start from.
pub(in crate::source) fn read(text: &str, source: &str, directory: Option<&Path>) -> Result<Found, SourceError> {
    let of_variables = assignments(text).any(|assignment| assignment.name.is_some_and(is_variable));
    let is_definition = |assignment: &Assignment<'_>| match assignment.name {
        Some(name) => is_variable(name) || !of_variables && !name.starts_with("AIRFLOW_"),
        None => !of_variables,
    };
    // One more than is allowed tells that there are too many.
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
    let mut warn = |code, message| connection.warnings.push(Warning::new(code, message));
    if assignment.name.is_some() && occurrences > 1 {
        let other = if variable.is_some() { "the last one counts" } else { "Airflow refuses the file" };
        warn(
            WarningCode::DuplicateKey,
            format!("the name stands {occurrences} times in the file; each is checked, {other}"),
        );
    }
    if variable.is_some() && assignment.style.expands {
        let message = "`$` before a name is replaced by shells and compose, and read here as it is written; single quotes prevent that";
        warn(WarningCode::EnvExpansion, message.to_owned());
    } else if let (None, Some(odd)) = (variable, odd(assignment.style)) {
        warn(WarningCode::EnvSyntax, format!("Airflow takes {odd} on this line for a part of name or definition"));
    }
    match variable {
        Some(variable) => environment::read_name(variable, connection),
        None => connection.conn_id = assignment.name.map(str::to_owned),
    }
    match (&assignment.value, variable) {
        (Ok(value), Some(_)) => entry::value(value, connection),
        (Ok(value), None) => entry::text_in_file(value, connection),
        (Err(fault), _) => connection.problems.push(problem(*fault)),
    }
}

/// What Airflow's reader of such files does not know.
fn odd(style: Style) -> Option<String> {
    let found = [
        (style.export, "`export`"),
        (style.quotes, "the quotes"),
        (style.blanks, "the blanks"),
        (style.comment, "the comment"),
    ];
    let found: Vec<&str> = found.into_iter().filter(|(is_there, _)| *is_there).map(|(_, what)| what).collect();
    match found.split_last()? {
        (last, []) => Some((*last).to_owned()),
        (last, others) => Some(format!("{} and {last}", others.join(", "))),
    }
}

fn problem(fault: Fault) -> Problem {
    let (message, hint) = match fault {
        Fault::NoSign => ("the line has no `=`", "a line is `CONN_ID=URI`; a value of several lines stands in quotes"),
        Fault::NoName => (
            "what stands before `=` is not a name",
            "a line is `CONN_ID=URI`; a name has letters, digits, `_`, `-` and `.`",
        ),
        Fault::NoValue => ("the line gives no definition", "put a URI behind `=`, or remove the line"),
        Fault::Unclosed => {
            ("the quote that opens the definition is not closed", "close it, or write the definition without")
        }
        Fault::Behind => (
            "something follows the quote that closes the definition",
            "in single quotes there can be no `'`, and in double quotes a `\"` is written `\\\"`",
        ),
    };
    Problem::of(ReasonCode::BadEntry, message).hint(hint)
}
