//! The seam below which SQLite and PostgreSQL differ: transactions of statements that both read alike.
//!
//! Every value goes in and comes out as text, and every statement says `CAST` where it wants a number.

use std::path::Path;

#[cfg(not(all(feature = "store", feature = "postgres")))]
use super::absent::Absent as Postgres;
#[cfg(not(feature = "store"))]
use super::absent::Absent as Sqlite;
use super::error::StoreError;
#[cfg(all(feature = "store", feature = "postgres"))]
use super::postgres::Postgres;
#[cfg(feature = "store")]
use super::sqlite::Sqlite;

/// One value of a row; `NULL` is `None`.
pub(super) type Value = Option<String>;

/// The values of one row, or the parameters of one statement.
pub(super) type Line = Vec<Value>;

/// The longest value, and row, that is read: connprobe stores no definition of more than 768 KiB.
pub(super) const LONGEST_LINE: usize = 16 << 20;

/// How many lines one statement reads: each statement is a round trip.
const LINES: usize = 200;

/// A transaction that is open.
pub(super) trait Transaction {
    /// Runs `statement`, whose parameters are `$1`…, and gives `take` every row as it comes, until that
    /// fails.
    fn each(&mut self, statement: &str, parameters: Line, take: &mut Take<'_>) -> Result<(), StoreError>;

    /// The same for few rows, all at once.
    fn rows(&mut self, statement: &str, parameters: Line) -> Result<Vec<Line>, StoreError> {
        let mut rows = Vec::new();
        self.each(statement, parameters, &mut |row| {
            rows.push(row);
            Ok(())
        })?;
        Ok(rows)
    }
}

/// Takes one row.
pub(super) type Take<'a> = dyn FnMut(Line) -> Result<(), StoreError> + 'a;

/// Runs a statement over many lines, all of one length and at least one value: `statement` is given
/// the table that they make, with columns `column1`…, and must not care that it is run several times.
pub(super) fn over(
    transaction: &mut dyn Transaction,
    lines: Vec<Line>,
    statement: impl Fn(&str) -> String,
) -> Result<Vec<Line>, StoreError> {
    let mut rows = Vec::new();
    let mut lines = lines.into_iter().peekable();
    while let Some(width) = lines.peek().map(Vec::len) {
        let some: Line = lines.by_ref().take(LINES).flatten().collect();
        rows.extend(transaction.rows(&statement(&table(some.len(), width)), some)?);
    }
    Ok(rows)
}

/// `count` parameters as a table of `width` columns.
fn table(count: usize, width: usize) -> String {
    let mut table = "(VALUES ".to_owned();
    for number in 0..count {
        table.push_str(match number % width {
            0 if number == 0 => "(",
            0 => "), (",
            _ => ", ",
        });
        table.push('$');
        table.push_str(&(number + 1).to_string());
    }
    table.push_str(")) AS v");
    table
}

/// Where the store is.
pub(super) enum Database {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Database {
    /// How messages name it.
    pub(super) fn place(&self) -> &str {
        match self {
            Self::Sqlite(sqlite) => sqlite.place(),
            Self::Postgres(postgres) => postgres.place(),
        }
    }

    /// Reads one state of the store.
    pub(super) fn read<T>(
        &mut self,
        body: impl FnOnce(&mut dyn Transaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.read(body),
            Self::Postgres(postgres) => postgres.read(body),
        }
    }

    /// Changes the store, alone among all writers: everything that `body` does, and on disk when this
    /// returns, or nothing.
    pub(super) fn write<T>(
        &mut self,
        body: impl FnOnce(&mut dyn Transaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.write(body),
            Self::Postgres(postgres) => postgres.write(body),
        }
    }

    /// What is wrong beneath the definitions, as the database engine sees it.
    pub(super) fn faults(&mut self) -> Result<Vec<String>, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.faults(),
            // A server looks after its own pages.
            Self::Postgres(_) => Ok(Vec::new()),
        }
    }

    /// Copies all of it into a file of SQLite's.
    pub(super) fn backup(&mut self, target: &Path) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.backup(target),
            Self::Postgres(postgres) => Err(StoreError::NotHere { place: postgres.place().to_owned() }),
        }
    }

    /// Removes overwritten content from the files beside the store, unless another process reads it at the moment.
    pub(super) fn sweep(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.sweep(),
            Self::Postgres(_) => Ok(()),
        }
    }
}

/// Takes the values of a row one by one.
pub(super) struct Columns<'a> {
    values: std::vec::IntoIter<Value>,
    place: &'a str,
}

impl<'a> Columns<'a> {
    /// `place` is where the row was read, for messages.
    pub(super) fn of(line: Line, place: &'a str) -> Self {
        Self { values: line.into_iter(), place }
    }

    /// The next value, which may be absent.
    pub(super) fn next(&mut self) -> Value {
        self.values.next().flatten()
    }

    /// The next value, which must be there and of its form.
    pub(super) fn need<T: std::str::FromStr>(&mut self) -> Result<T, StoreError> {
        self.next().and_then(|text| text.parse().ok()).ok_or_else(|| self.damaged())
    }

    /// The next value, which must be of its form where it is there.
    pub(super) fn parse<T: std::str::FromStr>(&mut self) -> Result<Option<T>, StoreError> {
        let Some(text) = self.next() else { return Ok(None) };
        text.parse().map(Some).map_err(|_| self.damaged())
    }

    fn damaged(&self) -> StoreError {
        StoreError::Damaged {
            place: self.place.to_owned(),
            reason: "a row lacks a value, or has one of another kind".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_make_a_table() {
        assert_eq!(table(2, 2), "(VALUES ($1, $2)) AS v");
        assert_eq!(table(6, 2), "(VALUES ($1, $2), ($3, $4), ($5, $6)) AS v");
        assert_eq!(table(2, 1), "(VALUES ($1), ($2)) AS v");
    }

    /// Counts what it is asked.
    struct Counting(Vec<usize>);

    impl Transaction for Counting {
        fn each(&mut self, _statement: &str, parameters: Line, _take: &mut Take<'_>) -> Result<(), StoreError> {
            self.0.push(parameters.len());
            Ok(())
        }
    }

    #[test]
    fn many_lines_are_several_statements_and_none_is_none() {
        let mut counting = Counting(Vec::new());
        over(&mut counting, vec![vec![None, None]; 2 * LINES + 1], str::to_owned).unwrap();
        assert_eq!(counting.0, [2 * LINES, 2 * LINES, 2]);
        over(&mut counting, Vec::new(), str::to_owned).unwrap();
        assert_eq!(counting.0.len(), 3);
    }
}
