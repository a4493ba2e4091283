//! Recognises a store on a server and its version, and migrates an older store: only forward, in one transaction, and a copy
//! is kept.

use super::server::Open;
use crate::store::error::StoreError;
use crate::store::header::Header;
use crate::store::transaction::{Columns, Line, Transaction as _};

/// Each step migrates a store of the version before to its own version.
const STEPS: [(u32, &str); 3] = [(1, include_str!("v1.sql")), (2, include_str!("v2.sql")), (3, include_str!("v3.sql"))];

/// The current version.
const VERSION: u32 = STEPS[STEPS.len() - 1].0;

/// Takes the lock that is held while a store is created or migrated. The number is the application id of the store's files.
const LOCK: &str = "SELECT CAST(pg_advisory_xact_lock(1668182114) AS TEXT)";

/// The code for a column that does not exist. Then the table belongs to another program.
const NO_COLUMN: &str = "42703";

/// Whether the store has an earlier version. A store of a later version is refused, and so is a missing store.
pub(super) fn is_older(open: &mut Open<'_>, place: &str) -> Result<bool, StoreError> {
    let place = || place.to_owned();
    match version(open)? {
        None => Err(StoreError::Missing { place: place() }),
        Some(found) if found > VERSION => Err(StoreError::Newer { place: place(), found, known: VERSION }),
        Some(found) => Ok(found < VERSION),
    }
}

/// Creates a store, unless there is one.
pub(super) fn create(
    open: &mut Open<'_>,
    header: impl FnOnce() -> Result<Header, StoreError>,
) -> Result<(), StoreError> {
    open.rows(LOCK, Line::new())?;
    if version(open)?.is_some() {
        return Ok(());
    }
    open.batch("CREATE SCHEMA IF NOT EXISTS connprobe")?;
    step(open, 0)?;
    let mut values = header()?.values();
    values.push(Some(VERSION.to_string()));
    let insert = "INSERT INTO store (one, id, key_id, created_at, state, schema_version) \
        VALUES (1, $1, $2, $3, $4, CAST($5 AS INTEGER))";
    open.rows(insert, values).map(drop)
}

/// Migrates the store to the current version, unless another process has done so meanwhile. The former table is kept as
/// `connection_vN`.
pub(super) fn upgrade(open: &mut Open<'_>, place: &str) -> Result<(), StoreError> {
    open.rows(LOCK, Line::new())?;
    if !is_older(open, place)? {
        return Ok(());
    }
    let found = version(open)?.unwrap_or_default();
    open.batch(&format!("CREATE TABLE connection_v{found} AS TABLE connection"))?;
    step(open, found)?;
    let update = "UPDATE store SET schema_version = CAST($1 AS INTEGER)";
    open.rows(update, vec![Some(VERSION.to_string())]).map(drop)
}

/// Runs every step after version `from`.
fn step(open: &mut Open<'_>, from: u32) -> Result<(), StoreError> {
    STEPS.iter().filter(|(version, _)| *version > from).try_for_each(|(_, sql)| open.batch(sql))
}

/// The version of the store, if there is one.
fn version(open: &mut Open<'_>) -> Result<Option<u32>, StoreError> {
    let place = open.place().to_owned();
    let found = open.rows("SELECT CAST(to_regclass('connprobe.store') AS TEXT)", Line::new())?;
    if found.into_iter().flatten().flatten().next().is_none() {
        return Ok(None);
    }
    let rows = match open.rows("SELECT CAST(schema_version AS TEXT) FROM store", Line::new()) {
        Err(StoreError::Server { failure, .. }) if failure.code.as_deref() == Some(NO_COLUMN) => Vec::new(),
        rows => rows?,
    };
    let mut columns = Columns::of(rows.into_iter().next().unwrap_or_default(), &place);
    columns.need().map(Some).map_err(|_absent| StoreError::Foreign { place: place.clone() })
}
