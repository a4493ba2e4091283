//! `Reading`: converts one value of the table into a field of a row, or into a problem of that row. It quotes no value.

use crate::driver::Cell;
use crate::model::problem::{ColumnFlaw, Problem};
use crate::model::secret::Secret;

/// The longest value in bytes. Values of Airflow are a hundred times shorter.
pub(super) const LONGEST: usize = 1 << 20;

/// A value, its column, and the list for its problems.
pub(super) struct Reading<'a> {
    pub(super) name: &'static str,
    pub(super) cell: Cell<'a>,
    pub(super) problems: &'a mut Vec<Problem>,
}

impl Reading<'_> {
    pub(super) fn text(self) -> Option<String> {
        let column = self.name;
        let flaw = match self.cell {
            Cell::Null => return None,
            Cell::Text(text) if text.len() <= LONGEST => return Some(text.into_owned()),
            Cell::Text(_) => ColumnFlaw::TooLong { column },
            Cell::NotText => ColumnFlaw::NotText { column },
        };
        self.problems.push(flaw.into());
        None
    }

    pub(super) fn secret(self) -> Option<Secret> {
        self.text().map(Secret::new)
    }

    pub(super) fn number(self) -> Option<i64> {
        let flaw = ColumnFlaw::NotANumber { column: self.name };
        self.parse(flaw, |text| text.parse().ok())
    }

    /// NULL is false, because Airflow before 2.0 had rows without flags.
    pub(super) fn flag(self) -> bool {
        let read = |text: &str| match text.to_ascii_lowercase().as_str() {
            "1" | "t" | "true" => Some(true),
            "0" | "f" | "false" => Some(false),
            _ => None,
        };
        let flaw = ColumnFlaw::NotAFlag { column: self.name };
        self.parse(flaw, read).unwrap_or_default()
    }

    fn parse<T>(self, flaw: ColumnFlaw, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let value = match &self.cell {
            Cell::Null => return None,
            Cell::Text(text) => read(text.trim()),
            Cell::NotText => None,
        };
        if value.is_none() {
            self.problems.push(flaw.into());
        }
        value
    }
}
