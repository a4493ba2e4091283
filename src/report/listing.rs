//! The output of `connprobe list`: definitions as they are, without secrets. Nothing is sent.

use std::io::{self, Write};

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::json_writer::{write_indented, write_line};
use super::table::Style;
use super::table::layout::{column, shortened};
use crate::model::class::{Class, Status};
use crate::model::redact::escape_control;
use crate::model::warning::Warning;
use crate::model::written::timestamp;

/// One definition.
#[derive(Serialize)]
pub struct Listed<'a> {
    /// Sixteen hexadecimal digits that edits of the source do not change.
    pub id: String,
    /// The name, if there is one.
    pub conn_id: Option<&'a str>,
    /// The stored type, as written.
    pub conn_type: Option<&'a str>,
    /// The driver for the type, if there is one.
    pub driver: Option<&'static str>,
    /// Where it was read.
    pub origin: String,
    /// The target of a login, such as `db1.example:5432/sales`; absent if no login can be planned.
    pub target: Option<String>,
    /// The user; S3 key IDs are shortened.
    pub login: Option<String>,
    /// Whether a password is stored.
    pub has_password: bool,
    /// The keys of `extra`; never their values.
    pub extra_keys: Vec<&'a str>,
    /// Why no login can be planned.
    pub problem: Option<String>,
    /// The warnings about the definition.
    pub warnings: Vec<Warning>,
    /// The history from connprobe's own store, if the definition comes from there.
    #[serde(flatten)]
    pub stored: Option<ListedHistory>,
}

/// The history of a definition in the store.
#[derive(Serialize)]
pub struct ListedHistory {
    /// The time of the last check.
    pub last_checked_at: Option<At>,
    /// The status of the last check.
    pub last_status: Option<Status>,
    /// The class of the last check, if it was not ok.
    pub last_class: Option<Class>,
    /// The time of the last successful check.
    pub last_ok_at: Option<At>,
    /// Whether it was saved although its check failed.
    pub saved_failing: bool,
}

/// A time, written as in every other report.
#[derive(Clone, Copy, Debug)]
pub struct At(pub Timestamp);

impl Serialize for At {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        timestamp(self.0).serialize(serializer)
    }
}

/// Writes the definitions as one JSON document.
///
/// # Errors
///
/// When the text cannot be written.
pub fn write_json(out: &mut impl Write, listed: &[Listed<'_>]) -> io::Result<()> {
    write_indented(out, &listed)
}

/// Writes each definition as one line of JSON.
///
/// # Errors
///
/// When the text cannot be written.
pub fn write_ndjson(out: &mut impl Write, listed: &[Listed<'_>]) -> io::Result<()> {
    listed.iter().try_for_each(|one| write_line(out, one))
}

/// Writes the definitions as a table for people. `now` is the current time.
///
/// # Errors
///
/// When the text cannot be written.
pub fn write_table(out: &mut impl Write, listed: &[Listed<'_>], now: Timestamp, style: &Style) -> io::Result<()> {
    let columns = Columns::of(listed, style);
    if !listed.is_empty() {
        let history = columns.remembers.then_some(["LAST CHECK", "LAST OK"].map(str::to_owned));
        writeln!(out, "{}", columns.line(["CONNECTION", "TYPE", "TARGET", "ORIGIN"], history.as_ref()))?;
    }
    for one in listed {
        let place = one.target.as_deref().unwrap_or("-");
        let cells = [one.conn_id.unwrap_or("-"), one.conn_type.unwrap_or("-"), place, &one.origin];
        let history =
            columns.remembers.then(|| one.stored.as_ref().map_or_else(<[String; 2]>::default, |of| of.cells(now)));
        writeln!(out, "{}", columns.line(cells, history.as_ref()))?;
        if let Some(problem) = &one.problem {
            style.wrapped(out, &escape_control(problem), "  ", "    ")?;
        }
        if one.stored.as_ref().is_some_and(|stored| stored.saved_failing) {
            style.wrapped(out, "saved although its check failed", "  ", "    ")?;
        }
        for warning in &one.warnings {
            style.wrapped(out, &escape_control(&format!("warning: {}", warning.message)), "  ", "    ")?;
        }
    }
    let noun = if listed.len() == 1 { "connection" } else { "connections" };
    writeln!(out, "{} {noun}", listed.len())
}

impl ListedHistory {
    /// The outcome of the last check, and the time since the last successful one.
    fn cells(&self, now: Timestamp) -> [String; 2] {
        let Some(status) = self.last_status else { return ["-", "-"].map(str::to_owned) };
        let word = self.last_class.map_or(status.as_str(), Class::as_str);
        [word.to_owned(), self.last_ok_at.map_or_else(|| "never".to_owned(), |At(at)| age(at, now))]
    }
}

/// The time since `at`, in the largest unit that fits.
fn age(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second() - at.as_second();
    match seconds {
        ..60 => "just now".to_owned(),
        60..3_600 => format!("{} min ago", seconds / 60),
        3_600..172_800 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} d ago", seconds / 86_400),
    }
}

/// The widths of the columns.
struct Columns {
    name: usize,
    target: usize,
    origin: usize,
    /// Whether any of the definitions has a history.
    remembers: bool,
}

impl Columns {
    const TYPE: usize = 13;
    const CHECK: usize = 11;
    const AGE: usize = 10;

    fn of(listed: &[Listed<'_>], style: &Style) -> Self {
        let remembers = listed.iter().any(|one| one.stored.is_some());
        let history = if remembers { Self::CHECK + Self::AGE + 2 } else { 0 };
        let flexible = style.width.saturating_sub(Self::TYPE + 3 + history);
        let name = flexible * 3 / 10;
        let origin =
            if remembers { listed.iter().map(|one| one.origin.len()).max().unwrap_or(0).clamp(6, name) } else { name };
        Self { name, target: flexible - name - origin, origin, remembers }
    }

    fn line(&self, cells: [&str; 4], history: Option<&[String; 2]>) -> String {
        let [conn_id, conn_type, place, origin] = cells.map(escape_control);
        let mut row = format!(
            "{} {} {} ",
            column(&conn_id, self.name),
            column(&conn_type, Self::TYPE),
            column(&place, self.target)
        );
        for (cell, width) in history.into_iter().flatten().zip([Self::CHECK, Self::AGE]) {
            row.push_str(&column(cell, width));
            row.push(' ');
        }
        row.push_str(&shortened(&origin, self.origin));
        row.trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_short() {
        for (seconds, text) in [
            (-5, "just now"),
            (59, "just now"),
            (60, "1 min ago"),
            (3_599, "59 min ago"),
            (3_600, "1 h ago"),
            (172_799, "47 h ago"),
            (172_800, "2 d ago"),
            (8_640_000, "100 d ago"),
        ] {
            let at = Timestamp::from_second(1_000_000_000).unwrap();
            assert_eq!(age(at, Timestamp::from_second(1_000_000_000 + seconds).unwrap()), text);
        }
    }
}
