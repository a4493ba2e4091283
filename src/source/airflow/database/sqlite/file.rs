//! What stands at a path, before SQLite is shown it: SQLite would wait for a FIFO, and says of many
//! things the same.

use std::fs::{self, File, Metadata};
use std::io::{Error, ErrorKind, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::complaint::no_database;
use crate::model::os_error::in_words;
use crate::model::redact::escape_control;
use crate::source::airflow::database::Trouble;

/// What every database begins with, and where it says that it is in WAL mode.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
const WRITE_VERSION: usize = 18;
const WAL: u8 = 2;

/// The database's own place, where SQLite looks for the files beside it; only a regular file that looks
/// like a database will do.
pub(super) fn find(path: &Path) -> Result<PathBuf, Trouble> {
    let shown = escape_control(&path.to_string_lossy());
    let refuse = |what: String, hint| Err(Trouble::unusable(what, hint));
    let unreadable = |error: Error| match error.kind() {
        ErrorKind::NotFound => Trouble::unusable(
            format!("there is no file `{shown}`"),
            "check the path (four slashes begin an absolute one); `airflow db migrate` makes the database",
        ),
        ErrorKind::PermissionDenied => Trouble::unusable(
            format!("the file `{shown}` may not be read"),
            "run as the user that Airflow runs as, or as another who may read it",
        ),
        _ => Trouble::unusable(
            format!("the file `{shown}` cannot be read: {}", in_words(&error)),
            "check the path, and the disk",
        ),
    };
    let place = fs::canonicalize(path).map_err(unreadable)?;
    let metadata = place.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return refuse(format!("`{shown}` is a directory"), "name the database file in it: `airflow.db`");
    }
    if !metadata.is_file() {
        return refuse(
            format!("`{shown}` is not a regular file"),
            "name the database file itself; it cannot be read through a pipe or device",
        );
    }
    if metadata.len() == 0 {
        return refuse(format!("the file `{shown}` is empty"), "check the path; `airflow db migrate` makes the tables");
    }
    let mut magic = [0; MAGIC.len()];
    match File::open(&place).and_then(|mut file| file.read_exact(&mut magic)) {
        Ok(()) if &magic == MAGIC => Ok(place),
        Err(error) if error.kind() != ErrorKind::UnexpectedEof => Err(unreadable(error)),
        _ => Err(no_database(path)),
    }
}

/// By what a change of a database file is seen.
#[derive(PartialEq, Eq)]
pub(super) struct Stamp {
    inode: u64,
    length: u64,
    modified: (i64, i64),
}

impl Stamp {
    /// Of a database in WAL mode all of whose changes have reached the file.
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
