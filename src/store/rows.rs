//! All rows of a store, read one by one, within the limits of a store.

use super::error::StoreError;
use super::row::{self, Row};
use super::transaction::{Columns, Transaction};

/// The maximum number of definitions in a store, and of their bytes with sealed secrets; enough for the largest source.
const ROWS: usize = 100_000;
const BYTES: usize = 128 << 20;

/// Passes every row to `take`, together with the columns that `more` selects.
pub(super) fn each_row(
    transaction: &mut dyn Transaction,
    place: &str,
    more: &str,
    join: &str,
    take: &mut dyn FnMut(Row, &mut Columns<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let statement = format!("SELECT {}{more} FROM connection c {join} ORDER BY c.id", row::READ);
    let (mut rows, mut bytes) = (0, 0);
    transaction.each(&statement, Vec::new(), &mut |line| {
        let mut columns = Columns::of(line, place);
        let row = Row::read(&mut columns)?;
        (rows, bytes) = (rows + 1, bytes + row.size());
        within_bounds(rows, bytes, place)?;
        take(row, &mut columns)
    })
}

/// Refuses a number of rows or bytes that exceeds the limits of a store.
pub(super) fn within_bounds(rows: usize, bytes: usize, place: &str) -> Result<(), StoreError> {
    if rows > ROWS || bytes > BYTES { Err(StoreError::Full { place: place.to_owned() }) } else { Ok(()) }
}

/// Refuses the present content of the store if it exceeds the limits.
pub(super) fn refuse_too_much(transaction: &mut dyn Transaction, place: &str) -> Result<(), StoreError> {
    let size = row::COLUMNS.split(", ").filter(|column| *column != "port");
    let size: Vec<String> = size.map(|column| format!("COALESCE(octet_length({column}), 0)")).collect();
    let statement =
        format!("SELECT CAST(count(*) AS TEXT), CAST(COALESCE(sum({}), 0) AS TEXT) FROM connection", size.join(" + "));
    let line = transaction.rows(&statement, Vec::new())?.into_iter().next().unwrap_or_default();
    let mut columns = Columns::of(line, place);
    within_bounds(columns.need()?, columns.need()?, place)
}

/// The number of rows.
pub(super) fn count(transaction: &mut dyn Transaction, place: &str) -> Result<usize, StoreError> {
    let line = transaction.rows("SELECT CAST(count(*) AS TEXT) FROM connection", Vec::new())?;
    Columns::of(line.into_iter().next().unwrap_or_default(), place).need()
}
