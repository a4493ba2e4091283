//! Problems of the SQLite file of a metadata database, and their messages and hints.

use std::time::Duration;

use super::unusable::Said;
use crate::model::limit;

/// What is wrong with the file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sqlite {
    /// The file does not exist.
    Missing,
    /// The file's permissions forbid reading it.
    Denied,
    /// Any other error of the operating system.
    Io {
        /// The operating system's reason, in plain words.
        why: String,
    },
    /// It is a directory.
    Directory,
    /// It is a pipe or a device.
    NotRegular,
    /// It is empty.
    Empty,
    /// It is not a SQLite file.
    NotSqlite,
    /// SQLite reports damage.
    Damaged,
    /// Another process has locked it.
    Locked,
    /// A write was interrupted.
    HalfWritten,
    /// It is in WAL mode, in a place where its `-shm` file cannot be created.
    WalUnreadable,
    /// Reading takes more memory than a table of connections needs.
    TooMuchMemory,
    /// Any other error of SQLite.
    Failed {
        /// SQLite's own text for its code.
        why: &'static str,
    },
    /// Reading did not end in time.
    Late {
        /// How long connprobe waited.
        limit: Duration,
    },
    /// SQLite panicked.
    Broken,
    /// No thread could be spawned for reading it.
    NoThread,
}

impl Sqlite {
    pub(super) fn said(&self, file: &str) -> Said {
        let the_file = |what: &str| format!("the file `{file}` {what}");
        match self {
            Self::Missing => Said::new(
                format!("there is no file `{file}`"),
                "check the path (four slashes begin an absolute one); `airflow db migrate` makes the database",
            ),
            Self::Denied => Said::new(
                the_file("may not be read"),
                "run as the user that Airflow runs as, or as another who may read it",
            ),
            Self::Io { why } => Said::new(the_file(&format!("cannot be read: {why}")), "check the path, and the disk"),
            Self::Directory => {
                Said::new(format!("`{file}` is a directory"), "name the database file in it: `airflow.db`")
            }
            Self::NotRegular => Said::new(
                format!("`{file}` is not a regular file"),
                "name the database file itself; it cannot be read through a pipe or device",
            ),
            Self::Empty => Said::new(the_file("is empty"), "check the path; `airflow db migrate` makes the tables"),
            Self::NotSqlite => {
                Said::new(the_file("is not a SQLite database"), "check the path; an encrypted database cannot be read")
            }
            Self::Damaged => Said::new(
                the_file("is damaged"),
                "restore it from a backup; `.recover` in the `sqlite3` shell saves what is left",
            ),
            Self::Locked => Said::new(
                the_file("is locked by another process"),
                "Airflow may be changing it: run again; a lock that stays belongs to a process that hangs",
            ),
            Self::HalfWritten => Said::new(
                the_file("was left in the middle of a write, which has to be undone first"),
                "open it once with write access, as any `airflow` command does",
            ),
            Self::WalUnreadable => Said::new(
                the_file(
                    "is in WAL mode, with changes that can only be read together with its `-shm` file, which cannot be made here",
                ),
                "run as the user that Airflow runs as, or copy the file together with its `-wal` file to a directory of your own",
            ),
            Self::TooMuchMemory => Said::new(
                the_file("asks for more memory than a table of connections needs"),
                "check that it is Airflow's database",
            ),
            Self::Failed { why } => Said::new(
                the_file(&format!("cannot be read: {why}")),
                "check the disk, and the file with `PRAGMA integrity_check`",
            ),
            Self::Late { limit } => Said::new(
                the_file(&format!("was not read within {}", limit::shown(*limit))),
                "a file system on the network may hang, or the file may be made to be read for ever",
            ),
            Self::Broken => Said::new(
                format!("SQLite broke over the file `{file}`"),
                "this is a bug in connprobe or in its SQLite: please report it",
            ),
            Self::NoThread => Said::new("this machine gives connprobe no threads", "close other programs"),
        }
    }
}
