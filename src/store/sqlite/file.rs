//! `Sqlite`: the open file, its transactions, and what its errors mean.

use std::path::Path;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::migrate;
use crate::store::error::StoreError;
use crate::store::files;
use crate::store::header::Header;
use crate::store::location::Limit as CallLimit;
use crate::store::transaction::LONGEST_LINE;
use crate::store::transaction::{Line, Take, Transaction, Value};
use crate::store::{Access, Options};

/// How long a writer waits for another at most.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// A file that is open.
pub(in crate::store) struct Sqlite {
    pub(super) connection: Connection,
    pub(super) place: String,
    pub(super) limit: CallLimit,
}

impl Sqlite {
    /// Opens the file `path`, and brings an older one up to date.
    pub(in crate::store) fn open(path: &Path, options: &Options, access: Access) -> Result<Self, StoreError> {
        let path = files::resolved(path)?;
        let place = files::shown(&path);
        match migrate::recognise(&path)? {
            None => return Err(StoreError::Missing { place }),
            Some(false) => return Err(StoreError::Unfinished { place }),
            Some(true) => {}
        }
        let mut sqlite = Self::connect(&path, options.limit(), access)?;
        if migrate::is_older(&sqlite)? {
            let mut writer = Self::connect(&path, options.limit(), Access::Write)?;
            migrate::upgrade(&mut writer, &path)?;
        }
        if access == Access::Write {
            sqlite.write_ahead()?;
        }
        Ok(sqlite)
    }

    /// Creates the store in the file `path`, or completes one whose creation was interrupted. `header` is called only if
    /// the store has none yet.
    pub(in crate::store) fn create(
        path: &Path,
        options: &Options,
        header: impl FnOnce() -> Result<Header, StoreError>,
    ) -> Result<Self, StoreError> {
        files::create(path)?;
        let resolved = files::resolved(path)?;
        migrate::recognise(&resolved)?;
        migrate::create(&mut Self::connect(&resolved, options.limit(), Access::Write)?, header)?;
        Self::open(path, options, Access::Write)
    }

    pub(in crate::store) fn place(&self) -> &str {
        &self.place
    }

    /// `path` is absolute, so that it is not taken for a URL.
    pub(super) fn connect(path: &Path, limit: CallLimit, access: Access) -> Result<Self, StoreError> {
        let place = files::shown(path);
        // Readers open it for writing too: they may have to recover after a process that was killed.
        let flags =
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NOFOLLOW | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = if access == Access::Read && is_still(path) {
            still(path)
        } else {
            Connection::open_with_flags(path, flags)
        };
        let opened = opened.and_then(|connection| {
            configure(&connection, limit, access)?;
            Ok(connection)
        });
        match opened {
            Ok(connection) => Ok(Self { connection, place, limit }),
            Err(error) => Err(fault(&error, &place)),
        }
    }

    /// Switches to WAL mode, in which readers do not wait for the writer; the file keeps the mode. While another process
    /// uses the file, the switch is left to the next one that opens it.
    fn write_ahead(&mut self) -> Result<(), StoreError> {
        let mode = self.connection.pragma_update_and_check(None, "journal_mode", "wal", |_row| Ok(()));
        match mode.map_err(|error| fault(&error, &self.place)) {
            Err(StoreError::Locked { .. }) => Ok(()),
            other => other,
        }
    }

    pub(in crate::store) fn read<T>(
        &mut self,
        body: impl FnOnce(&mut dyn Transaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.transaction(TransactionBehavior::Deferred, body)
    }

    pub(in crate::store) fn write<T>(
        &mut self,
        body: impl FnOnce(&mut dyn Transaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.transaction(TransactionBehavior::Immediate, body)
    }

    fn transaction<T>(
        &mut self,
        behavior: TransactionBehavior,
        body: impl FnOnce(&mut dyn Transaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let Self { connection, place, limit } = self;
        connection.busy_timeout(limit.now().min(PATIENCE)).map_err(|error| fault(&error, place))?;
        let open = connection.transaction_with_behavior(behavior).map_err(|error| fault(&error, place))?;
        // An error in between rolls the transaction back.
        let done = body(&mut Open { transaction: &open, place })?;
        open.commit().map_err(|error| fault(&error, place))?;
        Ok(done)
    }

    /// What SQLite finds wrong with the file.
    pub(in crate::store) fn faults(&mut self) -> Result<Vec<String>, StoreError> {
        let found = |pragma: &str, column: usize| {
            let mut statement = self.connection.prepare(pragma)?;
            statement.query_map([], |row| row.get::<_, String>(column))?.collect::<rusqlite::Result<Vec<_>>>()
        };
        let mut faults = found("PRAGMA integrity_check(20)", 0).map_err(|error| fault(&error, &self.place))?;
        faults.retain(|line| line != "ok");
        let orphans = found("PRAGMA foreign_key_check", 0).map_err(|error| fault(&error, &self.place))?;
        if !orphans.is_empty() {
            faults.push(format!("{} rows belong to a connection that is not there", orphans.len()));
        }
        Ok(faults)
    }

    /// Empties the log of changes, which holds pages as they were.
    pub(in crate::store) fn sweep(&mut self) -> Result<(), StoreError> {
        let swept = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_row| Ok(()));
        swept.map_err(|error| fault(&error, &self.place))
    }
}

/// Whether nothing can be written beside the file, which SQLite needs to share it with writers, and nothing of it
/// stands in a log of changes.
fn is_still(path: &Path) -> bool {
    let directory = path.parent().unwrap_or(path);
    let writable = |path: &Path| rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok();
    let log = files::beside(path, "-wal");
    !writable(directory) && !log.metadata().is_ok_and(|log| log.len() > 0)
}

/// Opens a file that no process can write to, without locks.
fn still(path: &Path) -> rusqlite::Result<Connection> {
    let name = percent_encode(path.as_os_str().as_encoded_bytes(), NON_ALPHANUMERIC);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(format!("file:{name}?immutable=1"), flags)
}

fn configure(connection: &Connection, limit: CallLimit, access: Access) -> rusqlite::Result<()> {
    connection.busy_timeout(limit.now().min(PATIENCE))?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, i32::try_from(LONGEST_LINE).unwrap_or(i32::MAX))?;
    for (setting, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true),
    ] {
        connection.set_db_config(setting, on)?;
    }
    connection.execute_batch(
        "PRAGMA cell_size_check = ON; PRAGMA secure_delete = ON; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;",
    )?;
    match access {
        Access::Read => connection.execute_batch("PRAGMA query_only = ON"),
        Access::Write => Ok(()),
    }
}

/// A transaction of SQLite's.
struct Open<'a> {
    transaction: &'a rusqlite::Transaction<'a>,
    place: &'a str,
}

impl Transaction for Open<'_> {
    fn each(&mut self, statement: &str, parameters: Line, take: &mut Take<'_>) -> Result<(), StoreError> {
        let fault = |error| fault(&error, self.place);
        // SQLite numbers `?1`, and takes `$1` for a name.
        let mut prepared = self.transaction.prepare(&statement.replace('$', "?")).map_err(fault)?;
        let columns = prepared.column_count();
        let mut rows = prepared.query(rusqlite::params_from_iter(parameters)).map_err(fault)?;
        while let Some(row) = rows.next().map_err(fault)? {
            let line = (0..columns).map(|column| row.get_ref(column).map(text));
            take(line.collect::<rusqlite::Result<Line>>().map_err(fault)?)?;
        }
        Ok(())
    }
}

fn text(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => None,
    }
}

/// What an error of SQLite's means. Its words name tables and columns of the store, never a value.
pub(super) fn fault(error: &rusqlite::Error, place: &str) -> StoreError {
    let place = place.to_owned();
    let reason = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Locked { place },
        // In connprobe's own statements nothing is wrong but the tables that they name.
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown) => {
            StoreError::Damaged { place, reason }
        }
        Some(ErrorCode::TooBig) => StoreError::Full { place },
        Some(ErrorCode::DiskFull) => StoreError::NoRoom { place },
        _ => StoreError::Database { place, reason },
    }
}
