//! Finds lines of an environment file that look like a connection but are not read as one. A warning names such a line
//! by its number and quotes nothing of it.

use super::lines::Assignment;
use crate::model::document::{Text, Value};
use crate::model::notice::VariableNotice;
use crate::model::problem::BadLine;
use crate::model::reason::unusable::{Entries, UnreadLine};
use crate::model::several;
use crate::model::warning::Warning;
use crate::source::environment::{PREFIX, is_variable};
use crate::source::likeness::Likeness;

/// The maximum number of lines that get a warning each.
const EACH: usize = 50;

/// A line that is not read, and the reason.
pub(super) struct Unread {
    line: usize,
    why: UnreadLine,
}

/// Finds the lines that look like a connection among `lines`, which are all not read.
pub(super) fn find<'a>(lines: impl Iterator<Item = Assignment<'a>>) -> Vec<Unread> {
    lines.filter_map(|assignment| Some(Unread { line: assignment.line, why: why(&assignment)? })).collect()
}

/// One warning for each line, up to the limit, and one for the rest.
pub(super) fn warnings(unread: &[Unread]) -> Vec<Warning> {
    let each = |unread: &Unread| VariableNotice::NotRead { line: unread.line, why: unread.why }.into();
    let mut warnings: Vec<Warning> = unread.iter().take(several::named(unread.len(), EACH)).map(each).collect();
    let more = unread.len() - warnings.len();
    if more > 0 {
        warnings.push(VariableNotice::MoreNotRead { count: more }.into());
    }
    warnings
}

/// The error for a file that contains no line that is read.
pub(super) fn nothing_else(unread: &[Unread]) -> Entries {
    Entries::NoLine {
        unread: unread.iter().map(|unread| unread.line).collect(),
        why: unread.first().map(|unread| unread.why),
    }
}

fn why(assignment: &Assignment<'_>) -> Option<UnreadLine> {
    match (assignment.name, &assignment.value) {
        // Airflow's own settings, for example its database.
        (Some(name), _) if name.starts_with("AIRFLOW__") => None,
        // `Environment=AIRFLOW_CONN_…`, as in units of systemd.
        (Some(_), Ok(value)) if is_variable(value) => Some(UnreadLine::Before),
        (Some(_), Ok(value)) => is_definition(value).then_some(UnreadLine::OtherName),
        (None, Err(BadLine::NoValue)) if is_variable(assignment.text.trim_start()) => Some(UnreadLine::NoValue),
        (_, Err(_)) if names_variable(assignment.text) => Some(UnreadLine::Before),
        (_, Err(_)) if assignment.text.split_whitespace().any(is_definition) => Some(UnreadLine::NoAssignment),
        _ => None,
    }
}

fn is_definition(text: &str) -> bool {
    let text = text.trim_matches(['"', '\'', ',', ';']);
    let json = text.starts_with('{') && text.contains("\"conn_type\"");
    json || Likeness::of(&Value::Text(Text::Plain(text))) == Likeness::Surely
}

/// Whether the line contains an assignment to an Airflow connection variable, not just its name.
fn names_variable(line: &str) -> bool {
    let found = line.to_ascii_uppercase().find(PREFIX);
    found.is_some_and(|at| line[at..].contains(['=', ':']))
}
