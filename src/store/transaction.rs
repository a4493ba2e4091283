//! Transactions of the store: statements that SQLite and PostgreSQL read alike, and their rows.
//!
//! Every value goes in and comes out as text, and every statement says `CAST` where it needs a number.

use super::error::StoreError;

/// One value of a row; `NULL` is `None`.
pub(super) type Value = Option<String>;

/// The values of one row, or the parameters of one statement.
pub(super) type Line = Vec<Value>;

/// The longest value, and the longest row, that is read: connprobe stores no definition of more than 768 KiB.
pub(super) const LONGEST_LINE: usize = 16 << 20;

/// The number of lines that one statement reads. Each statement is a round trip.
const LINES: usize = 200;

/// An open transaction.
pub(super) trait Transaction {
    /// Runs `statement`, whose parameters are `$1`…, and passes every row to `take` as it arrives, until `take` fails.
    fn each(&mut self, statement: &str, parameters: Line, take: &mut Take<'_>) -> Result<(), StoreError>;

    /// Like [`Transaction::each`], but returns all rows at once; for few rows.
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

/// Runs a statement over many lines, which all have the same number of values and at least one. `statement` gets the table
/// that they form, with columns `column1`…, and may be run several times.
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

/// A table of `width` columns that holds `count` parameters.
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

/// Takes the values of a row one by one.
pub(super) struct Columns<'a> {
    values: std::vec::IntoIter<Value>,
    place: &'a str,
}

impl<'a> Columns<'a> {
    /// `place` is the place of the store, for messages.
    pub(super) fn of(line: Line, place: &'a str) -> Self {
        Self { values: line.into_iter(), place }
    }

    /// The next value, which may be absent.
    pub(super) fn next(&mut self) -> Value {
        self.values.next().flatten()
    }

    /// The next value. It must be there and have the form of `T`.
    pub(super) fn need<T: std::str::FromStr>(&mut self) -> Result<T, StoreError> {
        self.next().and_then(|text| text.parse().ok()).ok_or_else(|| self.damaged())
    }

    /// The next value. If it is there, it must have the form of `T`.
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

    /// Counts the parameters of each statement.
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
