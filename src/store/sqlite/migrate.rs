//! Recognises the file of a store and its version, and migrates an older store: only forward, in one transaction, and a copy
//! is kept.

use std::io::Read;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, TransactionBehavior, params_from_iter};

use super::file::{Sqlite, fault};
use crate::store::Access;
use crate::store::error::StoreError;
use crate::store::files;
use crate::store::header::Header;
use crate::store::location::Limit;

/// The mark of a store in SQLite's header: `cnpb`.
const APPLICATION: u32 = 0x636e_7062;

/// Each step migrates a store of the version before to its own version.
const STEPS: [(u32, &str); 3] = [(1, include_str!("v1.sql")), (2, include_str!("v2.sql")), (3, include_str!("v3.sql"))];

/// The current version.
const VERSION: u32 = STEPS[STEPS.len() - 1].0;

/// Whether the private file `path` is a store; `None` if there is no file, `false` if it is empty. The file is only read as
/// bytes, because opening another program's database may change it.
pub(super) fn recognise(path: &Path) -> Result<Option<bool>, StoreError> {
    let Some(file) = files::open(path)? else { return Ok(None) };
    let mut header = Vec::with_capacity(100);
    file.take(100).read_to_end(&mut header).map_err(|reason| StoreError::Io { file: files::shown(path), reason })?;
    let application = header.get(68..72).and_then(|bytes| Some(u32::from_be_bytes(bytes.try_into().ok()?)));
    match application {
        Some(APPLICATION) if header.starts_with(b"SQLite format 3\0") => Ok(Some(true)),
        _ if header.is_empty() => Ok(Some(false)),
        _ => Err(StoreError::Foreign { place: files::shown(path) }),
    }
}

/// Creates the store in the empty file, unless another process has done so meanwhile. `header` is only called if it creates
/// the store.
pub(super) fn create(
    sqlite: &mut Sqlite,
    header: impl FnOnce() -> Result<Header, StoreError>,
) -> Result<(), StoreError> {
    let Sqlite { connection, place, .. } = sqlite;
    let fault = |error| fault(&error, place);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault)?;
    if version(&transaction).map_err(fault)? == 0 {
        let insert = "INSERT INTO store (one, id, key_id, created_at, state) VALUES (1, ?1, ?2, ?3, ?4)";
        let header = header()?.values();
        let made = transaction
            .pragma_update(None, "application_id", APPLICATION)
            .and_then(|()| step(&transaction, 0))
            .and_then(|()| transaction.execute(insert, params_from_iter(header)));
        made.map_err(fault)?;
    }
    transaction.commit().map_err(fault)
}

/// Whether the store has an earlier version. An unfinished store is refused, and so is a store of a later version.
pub(super) fn is_older(sqlite: &Sqlite) -> Result<bool, StoreError> {
    let place = || sqlite.place.clone();
    match version(&sqlite.connection).map_err(|error| fault(&error, &sqlite.place))? {
        0 => Err(StoreError::Unfinished { place: place() }),
        found if found > VERSION => Err(StoreError::Newer { place: place(), found, known: VERSION }),
        found => Ok(found < VERSION),
    }
}

/// Migrates the store to the current version, unless another process has done so meanwhile.
pub(super) fn upgrade(sqlite: &mut Sqlite, path: &Path) -> Result<(), StoreError> {
    let Sqlite { connection, place, limit } = sqlite;
    let fault = |error| fault(&error, place);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault)?;
    let found = version(&transaction).map_err(fault)?;
    if found < VERSION {
        keep_copy(path, found, *limit)?;
        step(&transaction, found).map_err(fault)?;
    }
    transaction.commit().map_err(fault)
}

/// Copies the store in its current state. The caller holds the lock, so no other process writes meanwhile.
fn keep_copy(path: &Path, version: u32, limit: Limit) -> Result<(), StoreError> {
    Sqlite::connect(path, limit, Access::Write)?.backup(&copy_of(path, version))
}

/// Runs every step after version `from`.
fn step(connection: &Connection, from: u32) -> rusqlite::Result<()> {
    for (_, sql) in STEPS.iter().filter(|(version, _)| *version > from) {
        connection.execute_batch(sql)?;
    }
    connection.pragma_update(None, "user_version", VERSION)
}

fn version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// The file beside `path` for the copy of the store of this `version`.
fn copy_of(path: &Path, version: u32) -> PathBuf {
    files::beside(path, &format!(".v{version}"))
}
