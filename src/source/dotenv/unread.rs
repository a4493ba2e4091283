//! Lines of an environment file that look like a connection and are not read as one: each is named by
//! its number, and nothing of it is quoted.

use super::lines::Assignment;
use crate::model::document::{Text, Value};
use crate::model::notice::VariableNotice;
use crate::model::problem::BadLine;
use crate::model::reason::unusable::{Entries, UnreadLine};
use crate::model::several;
use crate::model::warning::Warning;
use crate::source::environment::{PREFIX, is_variable};
use crate::source::likeness::Likeness;

/// How many lines have a warning each.
const EACH: usize = 50;

/// A line that is not read, and why.
pub(super) struct Unread {
    line: usize,
    why: UnreadLine,
}

/// Those of `lines`, none of which is read, that look like a connection.
pub(super) fn find<'a>(lines: impl Iterator<Item = Assignment<'a>>) -> Vec<Unread> {
    lines.filter_map(|assignment| Some(Unread { line: assignment.line, why: why(&assignment)? })).collect()
}

/// A warning for each.
pub(super) fn warnings(unread: &[Unread]) -> Vec<Warning> {
    let each = |unread: &Unread| VariableNotice::NotRead { line: unread.line, why: unread.why }.into();
    let mut warnings: Vec<Warning> = unread.iter().take(several::named(unread.len(), EACH)).map(each).collect();
    let more = unread.len() - warnings.len();
    if more > 0 {
        warnings.push(VariableNotice::MoreNotRead { count: more }.into());
    }
    warnings
}

/// That there is nothing else than these.
pub(super) fn nothing_else(unread: &[Unread]) -> Entries {
    Entries::NoLine {
        unread: unread.iter().map(|unread| unread.line).collect(),
        why: unread.first().map(|unread| unread.why),
    }
}

fn why(assignment: &Assignment<'_>) -> Option<UnreadLine> {
    match (assignment.name, &assignment.value) {
        // Airflow's own settings, its database among them.
        (Some(name), _) if name.starts_with("AIRFLOW__") => None,
        // As the units of systemd have it.
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

/// Whether a variable of Airflow's is set somewhere in the line, and not just named.
fn names_variable(line: &str) -> bool {
    let found = line.to_ascii_uppercase().find(PREFIX);
    found.is_some_and(|at| line[at..].contains(['=', ':']))
}
