//! `StoreError`: why the store cannot be used, or refused a change. Quotes names of files and of
//! connections, never a value that may be a secret.

use std::io;

use super::stored::RowId;
use crate::model::failure::Failure;
use crate::model::os_error::in_words;
use crate::model::redact::escape_control;
use crate::model::shell;

/// Why the store cannot be used. Its text is a lower-case fragment; [`StoreError::hint`] says what to do.
///
/// `place` and `file` are as the user may see them: a path, or a URL without its password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// This connprobe has no store.
    #[error("this connprobe was built without its store, or without stores of that kind")]
    NotBuiltIn,
    /// No store is there.
    #[error("there is no store at `{place}`")]
    Missing {
        /// Where it was looked for.
        place: String,
    },
    /// A store whose creation was interrupted, or that was emptied.
    #[error("the store at `{place}` is empty: it was not made to its end, or something else than connprobe emptied it")]
    Unfinished {
        /// Where it is.
        place: String,
    },
    /// Others may read or write the file.
    #[error("`{file}` may be used by others (mode {mode:04o})")]
    Exposed {
        /// The file.
        file: String,
        /// Its permissions.
        mode: u32,
    },
    /// Others may write the directory, and so put another file in its place.
    #[error("the directory `{directory}` may be written by others (mode {mode:04o})")]
    ExposedDirectory {
        /// The directory.
        directory: String,
        /// Its permissions.
        mode: u32,
    },
    /// Someone else's file or directory.
    #[error("`{file}` belongs to another user (id {owner})")]
    Foreigner {
        /// The file.
        file: String,
        /// The user who owns it.
        owner: u32,
    },
    /// A symbolic link.
    #[error("`{file}` is a symbolic link")]
    Link {
        /// The file.
        file: String,
    },
    /// A directory, pipe or device.
    #[error("`{file}` is not a regular file")]
    NotAFile {
        /// The file.
        file: String,
    },
    /// The operating system refused.
    #[error("`{file}` cannot be used: {}", in_words(reason))]
    Io {
        /// The file.
        file: String,
        /// The operating system's words.
        reason: io::Error,
    },
    /// Something else than a store.
    #[error("`{place}` is not a store of connprobe's")]
    Foreign {
        /// Where it is.
        place: String,
    },
    /// Something else than a copy of this store, whose place a copy would take.
    #[error("`{file}` is there already, and is no copy of this store")]
    NotACopy {
        /// The file.
        file: String,
    },
    /// A copy of this store that was changed more often than the store itself: perhaps the store, and this its copy.
    #[error("`{file}` has had {changes} changes, and this store {own}: it is no earlier copy")]
    NotEarlier {
        /// The file.
        file: String,
        /// How often that was changed.
        changes: u64,
        /// How often the store was.
        own: u64,
    },
    /// What SQLite would take for a part of the file that a copy is to be.
    #[error("`{file}` is there, which SQLite would take for a part of the copy")]
    Leftover {
        /// The file.
        file: String,
    },
    /// A later version of connprobe made it.
    #[error("the store at `{place}` has version {found}, and this connprobe knows versions up to {known}")]
    Newer {
        /// Where it is.
        place: String,
        /// Its version.
        found: u32,
        /// The last version that is known.
        known: u32,
    },
    /// What is stored contradicts itself.
    #[error("the store at `{place}` is damaged: {reason}")]
    Damaged {
        /// Where it is.
        place: String,
        /// What was found, without any value.
        reason: String,
    },
    /// More definitions, or more bytes of them or in one value, than a store may hold.
    #[error(
        "the store at `{place}` holds more than 100,000 connections, more than 128 MiB of them, or a value of more than 16 MiB"
    )]
    Full {
        /// Where it is.
        place: String,
    },
    /// A server copies its databases itself.
    #[error("the store at `{place}` is on a server, which copies its databases itself")]
    NotHere {
        /// Where it is.
        place: String,
    },
    /// Another process writes, and did not end in time.
    #[error("the store at `{place}` is in use by another process")]
    Locked {
        /// Where it is.
        place: String,
    },
    /// The disk is full.
    #[error("there is no room left on the disk of the store at `{place}`")]
    NoRoom {
        /// Where it is.
        place: String,
    },
    /// The database engine refused.
    #[error("the store at `{place}` cannot be used: {reason}")]
    Database {
        /// Where it is.
        place: String,
        /// The engine's words, without any value.
        reason: String,
    },
    /// The server that holds the store: what a probe of it would say.
    #[error("the store at `{place}` cannot be used: {}", said(failure))]
    Server {
        /// Where it is.
        place: String,
        /// In which phase it stopped, and why.
        failure: Box<Failure>,
    },
    /// A secret is to be stored, and there is no key to encrypt it.
    #[error("no secret can be stored without a key")]
    NoKey,
    /// The key file is not there.
    #[error("the key file `{file}` does not exist")]
    KeyMissing {
        /// The file.
        file: String,
    },
    /// A file that holds no key.
    #[error("`{file}` is not a key file of connprobe's")]
    KeyFormat {
        /// The file.
        file: String,
    },
    /// A file in the place of the next key, which is another store's key.
    #[error("`{file}` is where the next key belongs, and was not made to follow the present one")]
    NotNextKey {
        /// The file.
        file: String,
    },
    /// The store is encrypted under another key.
    #[error("the store is encrypted under the key `{needed}`, and the key file holds `{given}`")]
    OtherKey {
        /// The id of the store's key.
        needed: String,
        /// The ids of the keys at hand.
        given: String,
    },
    /// Definitions that cannot be read stop a change of keys, which would give them up for good.
    #[error("{} cannot be read, so the old key is kept; the first is `{first}`", rows(*count))]
    Undecryptable {
        /// How many.
        count: usize,
        /// Whose.
        first: RowId,
    },
    /// A new key would seal rows that were put back or added, as if connprobe had stored them.
    #[error("the rows of the store at `{place}` are not those that connprobe stored: no new key is put over them")]
    Unvouched {
        /// Where it is.
        place: String,
    },
    /// Somebody changed or removed the definition since it was read.
    #[error("`{id}` was changed or removed by another process meanwhile")]
    Changed {
        /// The definition.
        id: RowId,
    },
    /// A definition of that name is there already.
    #[error("there is a connection `{}` already", escape_control(conn_id))]
    Duplicate {
        /// The name.
        conn_id: String,
    },
    /// A definition that cannot be stored as it is.
    #[error("the connection {} cannot be stored: {reason}", named(conn_id.as_deref()))]
    Unstorable {
        /// Its name.
        conn_id: Option<String>,
        /// A lower-case fragment.
        reason: String,
    },
    /// The operating system gives no random numbers, or no thread.
    #[error("this machine lacks what a store needs: {reason}")]
    Local {
        /// A lower-case fragment.
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
    /// One sentence on what to do, where there is something to say.
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
