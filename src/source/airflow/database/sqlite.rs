//! Reads the table from a SQLite file, which may be anything: it is opened to be read only, is never
//! made, and none of its schema is trusted.
//!
//! Nothing is written beside it either, where that can be helped: SQLite makes two files beside a
//! database in WAL mode even to read it. One that nobody has open is read as it lies, without locks,
//! and again in the usual way should it have changed meanwhile.

use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Sender};
use std::time::{Duration, Instant};

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, ErrorCode, InterruptHandle, OpenFlags, ffi};

use super::Trouble;
use super::aside::{Lost, aside};
use super::table::{self, Table};
use crate::driver::Cell;
use crate::model::redact::escape_control;
use crate::source::airflow::row::Row;

/// How long another process that writes is waited for, at most.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// What SQLite may use of memory, in the whole process: a small file can ask for gigabytes.
const MEMORY: usize = 256 << 20;

/// What every database begins with, and where it says that it is in WAL mode.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
const WRITE_VERSION: usize = 18;
const WAL: u8 = 2;

/// Every row of the table in the file `path`.
pub(super) fn read(path: String, limit: Duration) -> Result<Vec<Row>, Trouble> {
    let deadline = Instant::now() + limit;
    let shown = escape_control(&path);
    let (sender, opened) = mpsc::channel();
    let outcome = aside(deadline, move || Reader { path: PathBuf::from(path), limit, sender }.read());
    outcome.unwrap_or_else(|lost| {
        // What still runs ends at the next step of the query.
        for handle in opened.try_iter() {
            InterruptHandle::interrupt(&handle);
        }
        Err(match lost {
            Lost::Late => Trouble::unusable(
                format!("the file `{shown}` was not read within {}", humantime::format_duration(limit)),
                "a file system on the network may hang, or the file may be made to be read for ever",
            ),
            Lost::Broken => Trouble::unusable(
                format!("SQLite broke over the file `{shown}`"),
                "this is a bug in connprobe or in its SQLite: please report it",
            ),
            Lost::NoThread => Trouble::unusable("this machine gives connprobe no threads", "close other programs"),
        })
    })
}

struct Reader {
    path: PathBuf,
    limit: Duration,
    /// Who ends queries that take too long.
    sender: Sender<InterruptHandle>,
}

impl Reader {
    fn read(&self) -> Result<Vec<Row>, Trouble> {
        let path = self.find()?;
        if let Some(before) = Stamp::of_idle(&path) {
            let read = self.rows(&path, true);
            if Stamp::of_idle(&path).as_ref() == Some(&before) {
                return read.map_err(|problem| self.trouble(problem));
            }
        }
        self.rows(&path, false).map_err(|problem| self.trouble(problem))
    }

    /// The database's own place, where SQLite looks for the files beside it; only a regular file that
    /// looks like a database will do.
    fn find(&self) -> Result<PathBuf, Trouble> {
        let shown = self.shown();
        let unreadable = |error: std::io::Error| match error.kind() {
            ErrorKind::NotFound => Trouble::unusable(
                format!("there is no file `{shown}`"),
                "check the path (four slashes begin an absolute one); `airflow db migrate` makes the database",
            ),
            ErrorKind::PermissionDenied => Trouble::unusable(
                format!("the file `{shown}` may not be read"),
                "run as the user that Airflow runs as, or as another who may read it",
            ),
            kind => {
                Trouble::unusable(format!("the file `{shown}` cannot be read: {kind}"), "check the path, and the disk")
            }
        };
        let path = fs::canonicalize(&self.path).map_err(unreadable)?;
        let metadata = path.metadata().map_err(unreadable)?;
        if metadata.is_dir() {
            return Err(Trouble::unusable(
                format!("`{shown}` is a directory"),
                "name the database file in it: `airflow.db`",
            ));
        }
        if !metadata.is_file() {
            return Err(Trouble::unusable(
                format!("`{shown}` is not a regular file"),
                "name the database file itself; it cannot be read through a pipe or device",
            ));
        }
        if metadata.len() == 0 {
            return Err(Trouble::unusable(
                format!("the file `{shown}` is empty"),
                "check the path; `airflow db migrate` makes the tables",
            ));
        }
        let mut magic = [0; MAGIC.len()];
        File::open(&path).and_then(|mut file| file.read_exact(&mut magic)).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => self.no_database(),
            _ => unreadable(error),
        })?;
        if &magic == MAGIC { Ok(path) } else { Err(self.no_database()) }
    }

    fn rows(&self, path: &Path, idle: bool) -> Result<Vec<Row>, Problem> {
        let connection = self.open(path, idle)?;
        connection.execute_batch("BEGIN")?;
        let is_table: bool = connection.query_row(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'connection' COLLATE NOCASE",
            (),
            |row| row.get::<_, i64>(0).map(|count| count > 0),
        )?;
        if !is_table {
            return Err(Problem::Table(table::absent()));
        }
        let names = connection
            .prepare(&table::columns_query('"'))?
            .column_names()
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>();
        let mut table = Table::with(&names)?;
        let mut statement = connection.prepare(&table.query('"'))?;
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

    fn open(&self, path: &Path, idle: bool) -> Result<Connection, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let name = percent_encode(path.as_os_str().as_encoded_bytes(), NON_ALPHANUMERIC);
        let immutable = if idle { "?immutable=1" } else { "" };
        let connection = Connection::open_with_flags(format!("file:{name}{immutable}"), flags)?;
        // Nobody listens any more where it came too late.
        let _late = self.sender.send(connection.get_interrupt_handle());
        connection.busy_timeout(self.limit.min(LONGEST_WAIT))?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        connection.execute_batch(&format!(
            "PRAGMA hard_heap_limit = {MEMORY}; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; \
             PRAGMA temp_store = MEMORY; PRAGMA query_only = ON"
        ))?;
        Ok(connection)
    }

    /// What SQLite's complaint means for this file.
    fn trouble(&self, problem: Problem) -> Trouble {
        let error = match problem {
            Problem::Table(trouble) => return trouble,
            Problem::Sqlite(error) => error,
        };
        let shown = self.shown();
        let code = error.sqlite_error();
        let unusable = |what: &str, hint| Trouble::unusable(format!("the file `{shown}` {what}"), hint);
        match code.map(|code| (code.code, code.extended_code)) {
            Some((ErrorCode::NotADatabase, _)) => self.no_database(),
            Some((ErrorCode::DatabaseCorrupt, _)) => {
                unusable("is damaged", "restore it from a backup; `.recover` in the `sqlite3` shell saves what is left")
            }
            Some((ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _)) => unusable(
                "is locked by another process",
                "Airflow may be changing it: run again; a lock that stays belongs to a process that hangs",
            ),
            Some((_, ffi::SQLITE_READONLY_ROLLBACK)) => unusable(
                "was left in the middle of a write, which has to be undone first",
                "open it once with write access, as any `airflow` command does",
            ),
            Some((ErrorCode::CannotOpen | ErrorCode::ReadOnly, _)) => unusable(
                "is in WAL mode, with changes that can only be read together with its `-shm` file, which cannot be made here",
                "run as the user that Airflow runs as, or copy the file together with its `-wal` file to a directory of your own",
            ),
            Some((ErrorCode::OutOfMemory | ErrorCode::TooBig, _)) => {
                unusable("asks for more memory than a connection table needs", "check that it is Airflow's database")
            }
            _ => {
                let why = code.map_or("an unexpected answer", |code| ffi::code_to_str(code.extended_code));
                unusable(
                    &format!("cannot be read: {why}"),
                    "check the disk, and the file with `PRAGMA integrity_check`",
                )
            }
        }
    }

    fn no_database(&self) -> Trouble {
        Trouble::unusable(
            format!("the file `{}` is not a SQLite database", self.shown()),
            "check the path; an encrypted database cannot be read",
        )
    }

    fn shown(&self) -> String {
        escape_control(&self.path.to_string_lossy())
    }
}

/// Why the rows were not read.
enum Problem {
    Table(Trouble),
    Sqlite(Error),
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Self {
        Self::Table(trouble)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::Sqlite(error)
    }
}

/// By what a change of a database file is seen.
#[derive(PartialEq, Eq)]
struct Stamp {
    inode: u64,
    length: u64,
    modified: (i64, i64),
}

impl Stamp {
    /// Of a database in WAL mode all of whose changes have reached the file.
    fn of_idle(path: &Path) -> Option<Self> {
        let mut wal = path.as_os_str().to_owned();
        wal.push("-wal");
        if fs::metadata(wal).is_ok_and(|wal| wal.len() > 0) {
            return None;
        }
        let mut header = [0; WRITE_VERSION + 1];
        File::open(path).and_then(|mut file| file.read_exact(&mut header)).ok()?;
        (header[WRITE_VERSION] == WAL).then(|| fs::metadata(path).ok().map(|metadata| Self::of(&metadata)))?
    }

    fn of(metadata: &Metadata) -> Self {
        Self { inode: metadata.ino(), length: metadata.len(), modified: (metadata.mtime(), metadata.mtime_nsec()) }
    }
}

/// Columns have no types in SQLite, only values do.
fn cell(value: ValueRef<'_>) -> Cell<'_> {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Text(number.to_string().into()),
        ValueRef::Real(number) => Cell::Text(number.to_string().into()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Cell::of(Some(bytes)),
    }
}
