//! Examines the file at a path before SQLite opens it. SQLite would wait for a FIFO, and has the same error for many causes.

use std::fs::{self, File, Metadata};
use std::io::{Error, ErrorKind, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::model::os_error::in_words;
use crate::model::reason::unusable::Sqlite;

/// The first bytes of every database, the offset of its write version, and the value of that in WAL mode.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
const WRITE_VERSION: usize = 18;
const WAL: u8 = 2;

/// The path of the database itself, beside which SQLite looks for other files. The file must be regular and begin like a
/// database.
pub(super) fn find(path: &Path) -> Result<PathBuf, Sqlite> {
    let unreadable = |error: Error| match error.kind() {
        ErrorKind::NotFound => Sqlite::Missing,
        ErrorKind::PermissionDenied => Sqlite::Denied,
        _ => Sqlite::Io { why: in_words(&error) },
    };
    let place = fs::canonicalize(path).map_err(unreadable)?;
    let metadata = place.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(Sqlite::Directory);
    }
    if !metadata.is_file() {
        return Err(Sqlite::NotRegular);
    }
    if metadata.len() == 0 {
        return Err(Sqlite::Empty);
    }
    let mut magic = [0; MAGIC.len()];
    match File::open(&place).and_then(|mut file| file.read_exact(&mut magic)) {
        Ok(()) if &magic == MAGIC => Ok(place),
        Err(error) if error.kind() != ErrorKind::UnexpectedEof => Err(unreadable(error)),
        _ => Err(Sqlite::NotSqlite),
    }
}

/// The properties that show whether a database file has changed.
#[derive(PartialEq, Eq)]
pub(super) struct Stamp {
    inode: u64,
    length: u64,
    modified: (i64, i64),
}

impl Stamp {
    /// The stamp of a database in WAL mode, if all changes are in the file itself.
    pub(super) fn of_idle(path: &Path) -> Option<Self> {
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
