//! Lines of an environment file that look like a connection and are not read as one: each is told by
//! its number, and nothing of it is quoted.

use super::lines::{Assignment, Fault};
use crate::model::document::{Text, Value};
use crate::model::several;
use crate::model::warning::{Warning, WarningCode};
use crate::source::environment::{PREFIX, is_variable};
use crate::source::likeness::Likeness;

/// How many lines are told one by one.
const TOLD: usize = 50;

/// How many lines a message names.
const NAMED: usize = 5;

/// A line that is not read, and why.
pub(super) struct Unread {
    line: usize,
    reason: &'static str,
}

/// Those of `lines`, none of which is read, that look like a connection.
pub(super) fn find<'a>(lines: impl Iterator<Item = Assignment<'a>>) -> Vec<Unread> {
    lines.filter_map(|assignment| Some(Unread { line: assignment.line, reason: reason(&assignment)? })).collect()
}

/// A warning for each.
pub(super) fn warnings(unread: &[Unread]) -> Vec<Warning> {
    let each = |unread: &Unread| {
        Warning::new(
            WarningCode::LineNotRead,
            format!("line {} looks like a connection and is not read: {}", unread.line, unread.reason),
        )
    };
    let mut warnings: Vec<Warning> = unread.iter().take(several::named(unread.len(), TOLD)).map(each).collect();
    let more = unread.len() - warnings.len();
    if more > 0 {
        let message = format!("{more} more lines look like connections and are not read");
        warnings.push(Warning::new(WarningCode::LineNotRead, message));
    }
    warnings
}

/// Which lines they are, behind a message that nothing was read.
pub(super) fn behind(unread: &[Unread]) -> String {
    if unread.is_empty() {
        return String::new();
    }
    let numbers: Vec<String> = unread.iter().take(NAMED).map(|unread| unread.line.to_string()).collect();
    let more = if unread.len() > NAMED { " and more" } else { "" };
    let (noun, verb) = if unread.len() == 1 { ("line", "looks") } else { ("lines", "look") };
    format!(", though {noun} {}{more} {verb} like one: {}", numbers.join(", "), unread[0].reason)
}

fn reason(assignment: &Assignment<'_>) -> Option<&'static str> {
    const BEFORE: &str = "a line is `NAME=VALUE`, with nothing before the name";
    match (assignment.name, &assignment.value) {
        // Airflow's own settings, its database among them.
        (Some(name), _) if name.starts_with("AIRFLOW__") => None,
        // As the units of systemd have it.
        (Some(_), Ok(value)) if is_variable(value) => Some(BEFORE),
        (Some(_), Ok(value)) => is_definition(value).then_some("its name does not begin with `AIRFLOW_CONN_`"),
        (None, Err(Fault::NoValue)) if is_variable(assignment.text.trim_start()) => Some("it gives no value"),
        (_, Err(_)) if names_variable(assignment.text) => Some(BEFORE),
        (_, Err(_)) if assignment.text.split_whitespace().any(is_definition) => Some("it is no `NAME=VALUE`"),
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
