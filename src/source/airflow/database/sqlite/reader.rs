//! `Reader`: reads a file once, with or without SQLite's locks.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Sender};
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, InterruptHandle, OpenFlags};

use super::complaint::fault;
use super::file::{Stamp, find};
use crate::driver::Cell;
use crate::model::plain::shown_name;
use crate::model::reason::Unusable;
use crate::model::reason::unusable::Sqlite;
use crate::model::redact::escape_control;
use crate::source::airflow::database::Trouble;
use crate::source::airflow::database::aside::{Lost, aside};
use crate::source::airflow::database::table::{Name, Table};
use crate::source::airflow::row::Row;
use crate::source::loading::Waiter;

/// The longest time that is waited for another process that writes.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The name that SQLite gives to the schema of the file itself.
const OWN: &str = "main";

/// The most memory that SQLite may use in the whole process. A small file can ask for gigabytes.
const MEMORY: usize = 256 << 20;

/// Returns every row of the table in the file `path`, read within `limit`, which ends at the deadline of `waiter`.
pub(in crate::source::airflow::database) fn read(
    path: String,
    table: Name,
    limit: Duration,
    waiter: &Waiter,
) -> Result<Vec<Row>, Trouble> {
    let shown = escape_control(&path);
    let (sender, opened) = mpsc::channel();
    let outcome = aside(waiter, move || Reader { path: PathBuf::from(path), table, limit, sender }.read());
    outcome.unwrap_or_else(|lost| {
        // A query that still runs ends at its next step.
        for handle in opened.try_iter() {
            InterruptHandle::interrupt(&handle);
        }
        Err(match lost {
            Lost::Late => unusable(&shown, Sqlite::Late { limit }),
            Lost::Broken => unusable(&shown, Sqlite::Broken),
            Lost::NoThread => unusable(&shown, Sqlite::NoThread),
        })
    })
}

struct Reader {
    path: PathBuf,
    table: Name,
    limit: Duration,
    /// Receives the handle that interrupts the queries.
    sender: Sender<InterruptHandle>,
}

impl Reader {
    fn read(&self) -> Result<Vec<Row>, Trouble> {
        let path = find(&self.path).map_err(|why| unusable(&self.shown(), why))?;
        if let Some(before) = Stamp::of_idle(&path) {
            let read = self.rows(&path, true);
            if Stamp::of_idle(&path).as_ref() == Some(&before) {
                return read.map_err(|stopped| self.trouble(stopped));
            }
        }
        self.rows(&path, false).map_err(|stopped| self.trouble(stopped))
    }

    fn rows(&self, path: &Path, idle: bool) -> Result<Vec<Row>, Stopped> {
        let connection = self.open(path, idle)?;
        connection.execute_batch("BEGIN")?;
        // A view could compute anything.
        let is_table: bool = connection.query_row(
            "SELECT count(*) > 0 FROM sqlite_schema WHERE type = 'table' AND name = 'connection' COLLATE NOCASE",
            (),
            |row| row.get(0),
        )?;
        if !is_table || !self.table.is_in(OWN) {
            return Err(Stopped::Table(self.table.absent()));
        }
        let looked = connection.prepare(&self.table.columns_query('"'))?;
        let names: Vec<String> = looked.column_names().map(str::to_owned).collect();
        let mut table = Table::with(&names)?;
        let mut statement = connection.prepare(&table.query(&self.table, '"'))?;
        let width = statement.column_count();
        let mut rows = statement.query(())?;
        while let Some(row) = rows.next()? {
            table.add((0..width).map(|column| row.get_ref(column).map(cell)).collect::<Result<_, _>>()?);
            if table.is_full() {
                break;
            }
        }
        Ok(table.finish()?)
    }

    fn trouble(&self, stopped: Stopped) -> Trouble {
        match stopped {
            Stopped::Table(trouble) => trouble,
            Stopped::Sqlite(error) => unusable(&self.shown(), fault(&error)),
        }
    }

    fn shown(&self) -> String {
        shown_name(&self.path.to_string_lossy())
    }

    fn open(&self, path: &Path, idle: bool) -> Result<Connection, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let name = percent_encode(path.as_os_str().as_encoded_bytes(), NON_ALPHANUMERIC);
        let immutable = if idle { "?immutable=1" } else { "" };
        let connection = Connection::open_with_flags(format!("file:{name}{immutable}"), flags)?;
        // If it is late, nobody receives it.
        let _late = self.sender.send(connection.get_interrupt_handle());
        // SQLite gives up before the limit, because only its own error tells what it waited for.
        connection.busy_timeout((self.limit * 3 / 4).min(LONGEST_WAIT))?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        connection.execute_batch(&format!(
            "PRAGMA hard_heap_limit = {MEMORY}; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; \
             PRAGMA temp_store = MEMORY; PRAGMA query_only = ON"
        ))?;
        Ok(connection)
    }
}

/// Why the reading stopped.
enum Stopped {
    Table(Trouble),
    Sqlite(Error),
}

fn unusable(file: &str, why: Sqlite) -> Trouble {
    Trouble::Unusable(Unusable::Sqlite { file: file.to_owned(), why })
}

impl From<Trouble> for Stopped {
    fn from(trouble: Trouble) -> Self {
        Self::Table(trouble)
    }
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Sqlite(error)
    }
}

/// In SQLite columns have no types, only values have.
fn cell(value: ValueRef<'_>) -> Cell<'_> {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Text(number.to_string().into()),
        ValueRef::Real(number) => Cell::Text(number.to_string().into()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Cell::of(Some(bytes)),
    }
}
