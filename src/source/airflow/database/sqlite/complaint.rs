//! Converts errors of SQLite into reasons why a file cannot be used.

use rusqlite::{Error, ErrorCode, ffi};

use crate::model::reason::unusable::Sqlite;

/// The meaning of `error` for the file.
pub(super) fn fault(error: &Error) -> Sqlite {
    let code = error.sqlite_error();
    match code.map(|code| (code.code, code.extended_code)) {
        Some((ErrorCode::NotADatabase, _)) => Sqlite::NotSqlite,
        Some((ErrorCode::DatabaseCorrupt, _)) => Sqlite::Damaged,
        Some((ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _)) => Sqlite::Locked,
        Some((_, ffi::SQLITE_READONLY_ROLLBACK)) => Sqlite::HalfWritten,
        Some((ErrorCode::CannotOpen | ErrorCode::ReadOnly, _)) => Sqlite::WalUnreadable,
        Some((ErrorCode::OutOfMemory | ErrorCode::TooBig, _)) => Sqlite::TooMuchMemory,
        _ => Sqlite::Failed { why: code.map_or("an unexpected answer", |code| ffi::code_to_str(code.extended_code)) },
    }
}
