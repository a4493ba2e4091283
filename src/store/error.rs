//! `StoreError`: why the store cannot be used, or refused a change. It quotes names of files and of connections, never
//! a value that may be a secret.

use std::io;

use super::stored::RowId;
use crate::model::failure::Failure;
use crate::model::os_error::in_words;
use crate::model::redact::escape_control;
use crate::model::shell;

/// Why the store cannot be used. Its text is a lower-case fragment; [`StoreError::hint`] gives the remedy.
///
/// `place` and `file` are in the form that may be shown: a path, or a URL without its password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// This build of connprobe has no store.
    #[error("this connprobe was built without its store, or without stores of that kind")]
    NotBuiltIn,
    /// There is no store.
    #[error("there is no store at `{place}`")]
    Missing {
        /// The place where it was expected.
        place: String,
    },
    /// A store whose creation was interrupted, or that was emptied.
    #[error("the store at `{place}` is empty: it was not made to its end, or something else than connprobe emptied it")]
    Unfinished {
        /// The place of the store.
        place: String,
    },
    /// Other users may read or write the file.
    #[error("`{file}` may be used by others (mode {mode:04o})")]
    Exposed {
        /// The file.
        file: String,
        /// Its permission bits.
        mode: u32,
    },
    /// Other users may write to the directory, and so replace the file.
    #[error("the directory `{directory}` may be written by others (mode {mode:04o})")]
    ExposedDirectory {
        /// The directory.
        directory: String,
        /// Its permission bits.
        mode: u32,
    },
    /// The file or directory belongs to another user.
    #[error("`{file}` belongs to another user (id {owner})")]
    Foreigner {
        /// The file.
        file: String,
        /// The id of the user who owns it.
        owner: u32,
    },
    /// The file is a symbolic link.
    #[error("`{file}` is a symbolic link")]
    Link {
        /// The file.
        file: String,
    },
    /// The file is a directory, pipe or device.
    #[error("`{file}` is not a regular file")]
    NotAFile {
        /// The file.
        file: String,
    },
    /// The operating system reported an error.
    #[error("`{file}` cannot be used: {}", in_words(reason))]
    Io {
        /// The file.
        file: String,
        /// The error of the operating system.
        reason: io::Error,
    },
    /// The file or database is not a store.
    #[error("`{place}` is not a store of connprobe's")]
    Foreign {
        /// Its place.
        place: String,
    },
    /// The file exists and is not a copy of this store, so a copy must not replace it.
    #[error("`{file}` is there already, and is no copy of this store")]
    NotACopy {
        /// The file.
        file: String,
    },
    /// The file is a copy of this store with more changes than the store itself: perhaps it is the store, and this one
    /// is the copy.
    #[error("`{file}` has had {changes} changes, and this store {own}: it is no earlier copy")]
    NotEarlier {
        /// The file.
        file: String,
        /// The number of changes of the file.
        changes: u64,
        /// The number of changes of the store.
        own: u64,
    },
    /// A file exists that SQLite would treat as a part of the copy to be written.
    #[error("`{file}` is there, which SQLite would take for a part of the copy")]
    Leftover {
        /// The file.
        file: String,
    },
    /// A later version of connprobe created the store.
    #[error("the store at `{place}` has version {found}, and this connprobe knows versions up to {known}")]
    Newer {
        /// The place of the store.
        place: String,
        /// The version of the store.
        found: u32,
        /// The latest version that this connprobe supports.
        known: u32,
    },
    /// The content of the store is contradictory.
    #[error("the store at `{place}` is damaged: {reason}")]
    Damaged {
        /// The place of the store.
        place: String,
        /// What is wrong, without any value.
        reason: String,
    },
    /// The store would have too many definitions, too many bytes of them, or too many bytes in one value.
    #[error(
        "the store at `{place}` holds more than 100,000 connections, more than 128 MiB of them, or a value of more than 16 MiB"
    )]
    Full {
        /// The place of the store.
        place: String,
    },
    /// The store is on a database server, which has backups of its own.
    #[error("the store at `{place}` is on a server, which copies its databases itself")]
    NotHere {
        /// The place of the store.
        place: String,
    },
    /// Another process writes to the store, and did not end in time.
    #[error("the store at `{place}` is in use by another process")]
    Locked {
        /// The place of the store.
        place: String,
    },
    /// The disk is full.
    #[error("there is no room left on the disk of the store at `{place}`")]
    NoRoom {
        /// The place of the store.
        place: String,
    },
    /// The database engine reported an error.
    #[error("the store at `{place}` cannot be used: {reason}")]
    Database {
        /// The place of the store.
        place: String,
        /// The engine's message, without any value.
        reason: String,
    },
    /// The server that holds the store cannot be used. The failure is the one that a probe of it would report.
    #[error("the store at `{place}` cannot be used: {}", said(failure))]
    Server {
        /// The place of the store.
        place: String,
        /// The phase in which the access failed, and why.
        failure: Box<Failure>,
    },
    /// The server that holds the store ended before it said whether a change was saved.
    #[error("it is not known whether the store at `{place}` has saved the change: {}", said(failure))]
    Unanswered {
        /// The place of the store.
        place: String,
        /// Why there was no answer.
        failure: Box<Failure>,
    },
    /// A secret is to be stored, but there is no key to encrypt it.
    #[error("no secret can be stored without a key")]
    NoKey,
    /// The key file does not exist.
    #[error("the key file `{file}` does not exist")]
    KeyMissing {
        /// The file.
        file: String,
    },
    /// The file does not contain a key.
    #[error("`{file}` is not a key file of connprobe's")]
    KeyFormat {
        /// The file.
        file: String,
    },
    /// The file of the next key contains the key of another store.
    #[error("`{file}` is where the next key belongs, and was not made to follow the present one")]
    NotNextKey {
        /// The file.
        file: String,
    },
    /// The store is encrypted with another key.
    #[error("the store is encrypted under the key `{needed}`, and the key file holds `{given}`")]
    OtherKey {
        /// The id of the store's key.
        needed: String,
        /// The ids of the available keys.
        given: String,
    },
    /// Some definitions cannot be read. A change of keys is refused, because they could then never be read again.
    #[error("{} cannot be read, so the old key is kept; the first is `{first}`", rows(*count))]
    Undecryptable {
        /// The number of these definitions.
        count: usize,
        /// The first of them.
        first: RowId,
    },
    /// Rows were put back or added by another program. A new key would seal them as if connprobe had stored them.
    #[error("the rows of the store at `{place}` are not those that connprobe stored: no new key is put over them")]
    Unvouched {
        /// The place of the store.
        place: String,
    },
    /// Another process changed or removed the definition after it was read.
    #[error("`{id}` was changed or removed by another process meanwhile")]
    Changed {
        /// The definition.
        id: RowId,
    },
    /// A definition with that name already exists.
    #[error("there is a connection `{}` already", escape_control(conn_id))]
    Duplicate {
        /// The name.
        conn_id: String,
    },
    /// The definition cannot be stored as it is.
    #[error("the connection {} cannot be stored: {reason}", named(conn_id.as_deref()))]
    Unstorable {
        /// Its name.
        conn_id: Option<String>,
        /// The reason, a lower-case fragment.
        reason: String,
    },
    /// The operating system supplies no random numbers, or no thread.
    #[error("this machine lacks what a store needs: {reason}")]
    Local {
        /// What is missing, a lower-case fragment.
        reason: String,
    },
}

fn said(failure: &Failure) -> String {
    let phase = failure.phase.map(|phase| format!(" in phase {}", phase.as_str())).unwrap_or_default();
    let code = failure.code.as_ref().map(|code| format!(" {}", escape_control(code))).unwrap_or_default();
    format!("{} ({}{code}{phase})", failure.message, failure.class.as_str())
}

fn rows(count: usize) -> String {
    format!("{count} connection{}", if count == 1 { "" } else { "s" })
}

fn named(conn_id: Option<&str>) -> String {
    conn_id.map_or_else(|| "without a name".to_owned(), |name| format!("`{}`", escape_control(name)))
}

impl StoreError {
    /// One sentence with the remedy, if there is one.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Missing { .. } => "make one with `connprobe store init`, or name another with --store",
            Self::Unfinished { .. } => {
                "bring back a copy, if it ever held a connection; `connprobe store init` begins it anew"
            }
            Self::Exposed { file, .. } => {
                return Some(format!(
                    "look who may have read it, then let nobody but its owner: chmod 600 {}",
                    shell::path(file)
                ));
            }
            Self::ExposedDirectory { directory, .. } => {
                return Some(format!("keep it where others may not write, or: chmod go-w {}", shell::path(directory)));
            }
            Self::Foreigner { .. } => "run as the user whom it belongs to, or name another",
            Self::Link { .. } => "name the file itself",
            Self::NotAFile { .. } | Self::Foreign { .. } => "check the name",
            Self::NotACopy { .. } => "name another file, or remove this one if nobody needs it",
            Self::NotEarlier { .. } => {
                "check which of the two is the store (`connprobe store check`); name another file for the copy"
            }
            Self::Leftover { .. } => "remove it if nobody needs it, or name another file for the copy",
            Self::Io { .. } => "check the name, its directory and their permissions",
            Self::Newer { .. } => "update connprobe on this machine",
            Self::Damaged { .. } => {
                "see how far it goes with `connprobe store check`; bring back a copy if there is one"
            }
            Self::Full { .. } => "look for rows that something else than connprobe added, or use several stores",
            Self::NotBuiltIn => {
                "use a connprobe that was built with the feature `store`, and with `postgres` for a store on a server"
            }
            Self::NotHere { .. } => "copy its schema: pg_dump --schema=connprobe",
            Self::Locked { .. } => "wait for the other process, or end it",
            Self::NoRoom { .. } => "make room on its disk, and run the command again",
            Self::Database { .. } => "check the disk that it is on, and its permissions",
            Self::Server { failure, .. } => return failure.hint.clone(),
            Self::Unanswered { .. } => {
                "look what the store holds with `connprobe list` before you run the command again"
            }
            Self::NoKey => "make a key with `connprobe store init`, and name it with --key-file or CONNPROBE_KEY_FILE",
            Self::KeyMissing { .. } => "bring back its copy: without the key nobody can read the secrets of the store",
            Self::KeyFormat { .. } => "name a file that `connprobe store init` made",
            Self::NotNextKey { .. } => "it may be the key of another store: give that file another name, or this key",
            Self::OtherKey { .. } => "name the file of that key with --key-file; a key that was rotated has a new file",
            Self::Undecryptable { .. } => {
                "see which with `connprobe store check`; enter them anew or remove them, then run this again"
            }
            Self::Unvouched { .. } => {
                "see which with `connprobe store check`; bring back a copy of the store, or enter its definitions anew (`connprobe import --replace`) and remove the others, then run this again"
            }
            Self::Changed { .. } => "look at it, and run the command again",
            Self::Duplicate { .. } => "choose another name, or say that a second one is meant",
            Self::Unstorable { .. } => "correct the definition",
            Self::Local { .. } => return None,
        };
        Some(hint.to_owned())
    }
}
