//! `HistoryError`: why a history cannot be used.

use std::path::PathBuf;

use thiserror::Error;

/// Why a history cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// The file was written by a later version.
    #[error("the history `{file}` is of version {found}, and this connprobe knows versions up to {known}", file = file.display())]
    Newer {
        /// The file.
        file: PathBuf,
        /// Its version.
        found: i64,
        /// The latest known one.
        known: i64,
    },
    /// The file is something else.
    #[error("`{file}` is no history of connprobe", file = file.display())]
    Foreign {
        /// The file.
        file: PathBuf,
    },
    /// The file cannot be opened, read or written.
    #[error("the history `{file}` cannot be used: {why}", file = file.display())]
    Unusable {
        /// The file.
        file: PathBuf,
        /// The reason, in SQLite's or the system's words.
        why: String,
    },
    /// A change could not be written.
    #[error("the change is not written: {why}")]
    Unwritten {
        /// The reason.
        why: String,
    },
    /// The history was closed.
    #[error("the history is closed")]
    Closed,
}
