//! The results of checks: for each definition the last few, and when a check last succeeded.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::error::StoreError;
use super::stored::{History, Remembered, RowId};
use super::transaction::{Columns, Line, Transaction, over};
use crate::model::class::{Class, Status};
use crate::model::notice::StoreNotice;
use crate::model::warning::Warning;

/// The number of results that are kept for each definition, besides the last `ok` one.
const KEPT: usize = 20;

/// The columns that [`read`] needs, from the tables of [`JOIN`].
pub(super) const READ: &str = "r.started_at, r.status, r.class, r.code, r.message, \
    (SELECT max(o.started_at) FROM result o WHERE o.connection = c.id AND o.status = 'ok'), \
    (SELECT max(a.started_at) FROM result a WHERE a.connection = c.id AND a.class = 'auth'), \
    CAST((SELECT count(*) FROM result a WHERE a.connection = c.id AND a.class = 'auth' \
        AND a.started_at > c.updated_at AND a.id > COALESCE( \
            (SELECT max(o.id) FROM result o WHERE o.connection = c.id AND o.status = 'ok'), 0)) AS TEXT)";

/// Joins the last result of each definition.
pub(super) const JOIN: &str = "LEFT JOIN result r ON r.id = (SELECT max(l.id) FROM result l WHERE l.connection = c.id)";

/// Reads the columns of [`READ`]; `None` if there is no result. A stored result that cannot be read must not prevent a
/// check.
///
/// # Errors
///
/// The result cannot be read.
pub(super) fn read(columns: &mut Columns<'_>) -> Result<Option<History>, StoreError> {
    let Some(started_at) = columns.parse()? else { return Ok(None) };
    let status = columns.need::<Word<Status>>()?.0;
    let class = columns.next().and_then(|word| Class::ALL.iter().copied().find(|class| class.as_str() == word));
    let last = Remembered { started_at, status, class, code: columns.next(), message: columns.next() };
    Ok(Some(History { last, last_ok: columns.parse()?, last_refused: columns.parse()?, refusals: columns.need()? }))
}

/// The warning that the results of this number of definitions cannot be read.
pub(super) fn warning(definitions: usize) -> Warning {
    StoreNotice::ResultsUnreadable { definitions }.into()
}

/// The definitions with results that cannot be read, as lower-case fragments for people.
pub(super) fn complaints(transaction: &mut dyn Transaction, place: &str) -> Result<Vec<String>, StoreError> {
    let mut unreadable: BTreeMap<RowId, usize> = BTreeMap::new();
    let statement = "SELECT CAST(r.connection AS TEXT), r.started_at, r.status FROM result r \
        JOIN connection c ON c.id = r.connection ORDER BY r.connection";
    transaction.each(statement, Vec::new(), &mut |line| {
        let mut columns = Columns::of(line, place);
        let row = RowId(columns.need()?);
        if columns.need::<Timestamp>().is_err() || columns.need::<Word<Status>>().is_err() {
            *unreadable.entry(row).or_default() += 1;
        }
        Ok(())
    })?;
    let complaint = |(row, count)| match count {
        1 => format!("`{row}`: one of its results cannot be read; later ones take its place"),
        _ => format!("`{row}`: {count} of its results cannot be read; later ones take their place"),
    };
    Ok(unreadable.into_iter().map(complaint).collect())
}

/// Adds results, and removes those that exceed the limit.
pub(super) fn remember(transaction: &mut dyn Transaction, results: &[(RowId, Remembered)]) -> Result<(), StoreError> {
    let lines = results.iter().map(|(id, result)| line(*id, result)).collect();
    over(transaction, lines, |table| {
        format!(
            "INSERT INTO result (connection, started_at, status, class, code, message) \
             SELECT c.id, v.column2, v.column3, v.column4, v.column5, v.column6 \
             FROM {table} JOIN connection c ON c.id = CAST(v.column1 AS BIGINT) ORDER BY v.column2"
        )
    })?;
    let about: BTreeSet<RowId> = results.iter().map(|(id, _)| *id).collect();
    let lines = about.into_iter().map(|id| vec![Some(id.0.to_string())]).collect();
    let dropped = over(transaction, lines, |table| {
        format!(
            "DELETE FROM result WHERE id IN (SELECT r.id FROM {table} \
             JOIN result r ON r.connection = CAST(v.column1 AS BIGINT) \
             WHERE r.id <= (SELECT k.id FROM result k WHERE k.connection = CAST(v.column1 AS BIGINT) \
                 ORDER BY k.id DESC LIMIT 1 OFFSET {KEPT}) \
             AND r.id <> COALESCE((SELECT max(o.id) FROM result o \
                 WHERE o.connection = CAST(v.column1 AS BIGINT) AND o.status = 'ok'), 0))"
        )
    });
    dropped.map(drop)
}

fn line(id: RowId, result: &Remembered) -> Line {
    // Databases do not accept a NUL, and the codes come from servers.
    let plain = |text: &String| text.replace('\0', "");
    vec![
        Some(id.0.to_string()),
        Some(super::row::written(result.started_at)),
        Some(result.status.as_str().to_owned()),
        result.class.map(|class| class.as_str().to_owned()),
        result.code.as_ref().map(plain),
        result.message.as_ref().map(plain),
    ]
}

/// A status in its stored form.
struct Word<T>(T);

impl std::str::FromStr for Word<Status> {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        let all = [Status::Ok, Status::Failed, Status::Error, Status::Skipped];
        all.into_iter().find(|status| status.as_str() == word).map(Self).ok_or(())
    }
}
