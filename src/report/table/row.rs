//! The row of one result: status, name, target, time, and a note on the phases or on the failure.

use std::time::Duration;

use super::layout::{Style, column, shortened, width};
use crate::model::class::{Class, Status};
use crate::model::phase::PhaseTiming;
use crate::model::redact::escape_control;
use crate::model::result::CheckResult;

const STATUS: usize = 7;
const TIME: usize = 7;
const NOTE: usize = 17;
/// Two blanks after the status, one after each other column.
const GAPS: usize = 5;

/// The columns of variable width.
pub(super) struct Columns {
    name: usize,
    place: usize,
}

impl Columns {
    /// The columns for rows that are not known yet.
    pub(super) fn unseen(style: &Style) -> Self {
        let flexible = flexible(style);
        Self { name: flexible * 9 / 20, place: flexible - flexible * 9 / 20 }
    }

    /// The columns that fit `rows`. If they are too wide, the targets are shortened rather than the names.
    pub(super) fn fitting(rows: &[Row], style: &Style) -> Self {
        let flexible = flexible(style);
        let widest = |text: fn(&Row) -> &str| rows.iter().map(|row| width(text(row))).max().unwrap_or(0);
        let name = widest(|row| &row.name).min(flexible * 7 / 10);
        Self { name, place: widest(|row| &row.place).min(flexible - name) }
    }
}

fn flexible(style: &Style) -> usize {
    style.width.max(60) - STATUS - TIME - NOTE - GAPS
}

/// The displayed parts of one result.
pub(super) struct Row {
    /// The position of its connection in the run.
    pub(super) position: usize,
    status: Status,
    name: String,
    place: String,
    time: String,
    note: String,
}

impl Row {
    pub(super) fn of(result: &CheckResult) -> Self {
        Self {
            position: result.position,
            status: result.status,
            name: label(result),
            place: place(result),
            time: if result.attempts == 0 { String::new() } else { duration(result.elapsed) },
            note: shortened(&escape_control(&note(result)), NOTE),
        }
    }

    /// The row as text.
    pub(super) fn line(&self, columns: &Columns, style: &Style) -> String {
        let Self { status, name, place, time, note, .. } = self;
        let mut line = format!(
            "{}  {} {} {time:>TIME$} {note}",
            style.paint(&column(status.as_str(), STATUS), *status),
            column(name, columns.name),
            column(place, columns.place),
        );
        line.truncate(line.trim_end().len());
        line
    }
}

/// The display name of a connection: its name, or its origin if it has none.
pub(in crate::report) fn label(result: &CheckResult) -> String {
    escape_control(result.conn_id.as_deref().unwrap_or(&result.origin))
}

fn place(result: &CheckResult) -> String {
    let conn_type = result.conn_type.as_deref().unwrap_or("(no type)");
    escape_control(result.target.as_deref().unwrap_or(conn_type))
}

fn note(result: &CheckResult) -> String {
    match &result.failure {
        None => slowest(&result.phases)
            .map_or(String::new(), |timing| format!("{} {}", timing.phase.as_str(), duration(timing.elapsed))),
        Some(failure) => match (&failure.code, failure.phase) {
            (Some(code), _) => format!("{} {code}", failure.class.as_str()),
            // The class alone does not imply the phase.
            (None, Some(phase)) if matches!(failure.class, Class::Timeout | Class::Closed | Class::Protocol) => {
                format!("{} ({})", failure.class.as_str(), phase.as_str())
            }
            _ => failure.class.as_str().to_owned(),
        },
    }
}

fn slowest(phases: &[PhaseTiming]) -> Option<&PhaseTiming> {
    phases.iter().max_by_key(|timing| timing.elapsed)
}

/// At most three significant digits: `0.4 ms`, `21 ms`, `1.24 s`.
fn duration(elapsed: Duration) -> String {
    let milliseconds = elapsed.as_secs_f64() * 1e3;
    match milliseconds {
        ..9.95 => format!("{milliseconds:.1} ms"),
        ..999.5 => format!("{milliseconds:.0} ms"),
        _ => format!("{:.2} s", elapsed.as_secs_f64()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short() {
        for (micros, text) in [(40, "0.0 ms"), (9_949, "9.9 ms"), (21_400, "21 ms"), (999_600, "1.00 s")] {
            assert_eq!(duration(Duration::from_micros(micros)), text);
        }
    }
}
