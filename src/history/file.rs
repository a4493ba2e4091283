//! `HistoryFile`: the SQLite file of a history, its version, and what is read and written in it. Must not keep time, and
//! starts no thread.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::error::HistoryError;
use super::tally::Tally;
use super::{Bounds, Changed, Span};

/// SQLite's mark of such a file: "CPHI".
const APPLICATION: i64 = 0x4350_4849;
/// The version of the tables.
const VERSION: i64 = 1;
const SCHEMA: &str = include_str!("v1.sql");
/// How long another process is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many rows are removed in one transaction.
const SLICE: i64 = 5_000;

/// An open file.
pub(super) struct HistoryFile {
    connection: Connection,
    path: PathBuf,
}

impl HistoryFile {
    /// Opens the file `path`, or creates it; only its owner may read it.
    pub(super) fn open(path: &Path) -> Result<Self, HistoryError> {
        let unusable = |why: String| HistoryError::Unusable { file: path.to_owned(), why };
        let create = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
        create.map_err(|error| unusable(error.to_string()))?;
        let connection = Connection::open(path).map_err(|error| unusable(error.to_string()))?;
        let mut file = Self { connection, path: path.to_owned() };
        file.prepare()?;
        Ok(file)
    }

    fn prepare(&mut self) -> Result<(), HistoryError> {
        let connection = &self.connection;
        let set = || -> rusqlite::Result<(i64, i64, i64)> {
            connection.busy_timeout(PATIENCE)?;
            // Only of use before the first table.
            connection.pragma_update(None, "auto_vacuum", "incremental")?;
            let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
            let tables = connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get::<_, i64>(0))?;
            Ok((number("application_id")?, number("user_version")?, tables))
        };
        let (application, version, tables) = set().map_err(|error| self.unusable(&error))?;
        match (application, version) {
            (0, 0) if tables == 0 => {
                let create = format!(
                    "BEGIN IMMEDIATE; {SCHEMA} PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; COMMIT"
                );
                self.connection.execute_batch(&create).map_err(|error| self.unusable(&error))?;
            }
            (APPLICATION, VERSION) => {}
            (APPLICATION, found) => {
                return Err(HistoryError::Newer { file: self.path.clone(), found, known: VERSION });
            }
            _ => return Err(HistoryError::Foreign { file: self.path.clone() }),
        }
        let tune = || {
            self.connection.pragma_update(None, "journal_mode", "wal")?;
            self.connection.pragma_update(None, "synchronous", "normal")
        };
        tune().map_err(|error| self.unusable(&error))
    }

    fn unusable(&self, error: &rusqlite::Error) -> HistoryError {
        HistoryError::Unusable { file: self.path.clone(), why: error.to_string() }
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, HistoryError> {
        work(&self.connection).map_err(|error| self.unusable(&error))
    }

    fn transaction<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, HistoryError> {
        // One that first reads could not begin to write once another process has written.
        let begun = self.connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let done = begun.and_then(|transaction| {
            let done = work(&transaction)?;
            transaction.commit().map(|()| done)
        });
        done.map_err(|error| self.unusable(&error))
    }

    /// Adds changes.
    pub(super) fn add_changes<'a>(
        &mut self,
        changes: impl Iterator<Item = (&'a str, &'a Changed)>,
    ) -> Result<(), HistoryError> {
        self.transaction(|transaction| {
            let mut insert = transaction.prepare(
                "INSERT INTO change (id, at, from_status, from_class, status, class, failure) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?;
            for (id, change) in changes {
                let Changed { at, from, status, class, failure } = change;
                let (from_status, from_class) = from.clone().unzip();
                insert.execute(params![id, at, from_status, from_class.flatten(), status, class, failure])?;
            }
            Ok(())
        })
    }

    /// The changes of `id` from `from` to `to` (milliseconds since 1970), the latest first, `most` at most.
    pub(super) fn changes(&self, id: &str, (from, to): (i64, i64), most: usize) -> Result<Vec<Changed>, HistoryError> {
        self.read(|connection| {
            let mut select = connection.prepare(
                "SELECT at, from_status, from_class, status, class, failure FROM change
                 WHERE id = ?1 AND at BETWEEN ?2 AND ?3 ORDER BY at DESC, rowid DESC LIMIT ?4",
            )?;
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let rows = select.query_map(params![id, from, to, most], |row| {
                let from: Option<String> = row.get(1)?;
                let from_class = row.get(2)?;
                Ok(Changed {
                    at: row.get(0)?,
                    from: from.map(|status| (status, from_class)),
                    status: row.get(3)?,
                    class: row.get(4)?,
                    failure: row.get(5)?,
                })
            })?;
            rows.collect()
        })
    }

    /// Adds tallies to those of their spans, and replaces the last checks.
    pub(super) fn flush<'a>(
        &mut self,
        tallies: impl Iterator<Item = (&'a str, i64, &'a Tally)>,
        rings: impl Iterator<Item = (&'a str, i64, &'a [u8])>,
    ) -> Result<(), HistoryError> {
        self.transaction(|transaction| {
            let statements = |span: Span| -> rusqlite::Result<_> {
                let table = span.table();
                let select = transaction.prepare(&format!("SELECT tally FROM {table} WHERE id = ?1 AND at = ?2"))?;
                let replace =
                    transaction.prepare(&format!("REPLACE INTO {table} (id, at, tally) VALUES (?1, ?2, ?3)"))?;
                Ok((span, select, replace))
            };
            let mut spans = [statements(Span::Hour)?, statements(Span::Day)?];
            for (id, moment, tally) in tallies {
                for (span, select, replace) in &mut spans {
                    let at = span.of(moment);
                    let stored = select.query_row(params![id, at], |row| row.get::<_, Vec<u8>>(0)).optional()?;
                    let mut whole = stored.and_then(|bytes| Tally::read(&bytes)).unwrap_or_default();
                    whole.add(tally);
                    replace.execute(params![id, at, whole.bytes()])?;
                }
            }
            let mut replace = transaction.prepare("REPLACE INTO last (id, checked, ring) VALUES (?1, ?2, ?3)")?;
            for (id, checked, ring) in rings {
                replace.execute(params![id, checked, ring])?;
            }
            Ok(())
        })
    }

    /// The tallies of `id` by `span`, from one moment to another (milliseconds since 1970), the oldest first.
    pub(super) fn tallies(
        &self,
        id: &str,
        span: Span,
        (from, to): (i64, i64),
    ) -> Result<Vec<(i64, Tally)>, HistoryError> {
        self.read(|connection| {
            let select =
                format!("SELECT at, tally FROM {} WHERE id = ?1 AND at BETWEEN ?2 AND ?3 ORDER BY at", span.table());
            let mut select = connection.prepare(&select)?;
            let rows = select.query_map(params![id, span.of(from), span.of(to)], |row| {
                Ok((span.begin(row.get(0)?), Tally::read(&row.get::<_, Vec<u8>>(1)?).unwrap_or_default()))
            })?;
            rows.collect()
        })
    }

    /// The last checks of every connection, with the moment of the last one.
    pub(super) fn rings(&self) -> Result<Vec<(String, i64, Vec<u8>)>, HistoryError> {
        self.read(|connection| {
            let mut select = connection.prepare("SELECT id, checked, ring FROM last")?;
            let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            rows.collect()
        })
    }

    /// Removes what `bounds` no longer keep at `now`, a slice of it. Returns whether there may be more.
    pub(super) fn prune(&mut self, bounds: &Bounds, now: i64) -> Result<bool, HistoryError> {
        let before = |age: Duration| now.saturating_sub(i64::try_from(age.as_millis()).unwrap_or(i64::MAX));
        let is_too_large = self.size()? > bounds.size;
        let removed = self.transaction(|transaction| {
            let mut removed = transaction.execute(
                "DELETE FROM change WHERE rowid IN (SELECT rowid FROM change WHERE at < ?1 LIMIT ?2)",
                params![before(bounds.changes), SLICE],
            )?;
            for (span, age) in [(Span::Hour, bounds.hours), (Span::Day, bounds.days)] {
                let table = span.table();
                let delete = format!(
                    "DELETE FROM {table} WHERE (id, at) IN (SELECT id, at FROM {table} WHERE at < ?1 LIMIT ?2)"
                );
                removed += transaction.execute(&delete, params![span.of(before(age)), SLICE])?;
            }
            if is_too_large && removed == 0 {
                removed += transaction.execute(
                    "DELETE FROM hour WHERE (id, at) IN (SELECT id, at FROM hour ORDER BY at LIMIT ?1)",
                    params![SLICE],
                )?;
            }
            Ok(removed)
        })?;
        let vacuum = self.connection.execute_batch("PRAGMA incremental_vacuum(2000)");
        vacuum.map_err(|error| self.unusable(&error))?;
        Ok(removed > 0)
    }

    /// The size of what is in use, in bytes.
    pub(super) fn size(&self) -> Result<u64, HistoryError> {
        let size = self.read(|connection| {
            let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
            Ok((number("page_count")? - number("freelist_count")?) * number("page_size")?)
        })?;
        Ok(u64::try_from(size).unwrap_or_default())
    }
}
