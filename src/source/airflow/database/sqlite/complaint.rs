//! What SQLite complains of → what is wrong with a file.

use std::path::Path;

use rusqlite::{Error, ErrorCode, ffi};

use crate::model::redact::escape_control;
use crate::source::airflow::database::Trouble;

/// What `error` means for the file at `path`.
pub(super) fn trouble(error: &Error, path: &Path) -> Trouble {
    let unusable = |what: &str, hint| Trouble::unusable(format!("the file `{}` {what}", shown(path)), hint);
    let code = error.sqlite_error();
    match code.map(|code| (code.code, code.extended_code)) {
        Some((ErrorCode::NotADatabase, _)) => no_database(path),
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
            unusable("asks for more memory than a table of connections needs", "check that it is Airflow's database")
        }
        _ => {
            let why = code.map_or("an unexpected answer", |code| ffi::code_to_str(code.extended_code));
            unusable(&format!("cannot be read: {why}"), "check the disk, and the file with `PRAGMA integrity_check`")
        }
    }
}

/// That the file at `path` is something else.
pub(super) fn no_database(path: &Path) -> Trouble {
    Trouble::unusable(
        format!("the file `{}` is not a SQLite database", shown(path)),
        "check the path; an encrypted database cannot be read",
    )
}

fn shown(path: &Path) -> String {
    escape_control(&path.to_string_lossy())
}
