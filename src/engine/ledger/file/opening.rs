//! Finds, creates and checks the ledger's file, its key, and this process's own file beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::super::book::Book;
use super::super::clock::Clock;
use super::super::digest::{KEY_LENGTH, Key};
use super::super::journal::Journal;
use super::super::line::Lines;
use super::super::owner::{self, Owner};
use super::super::regular;
use super::super::rules::REFUSALS;
use super::acceptances::Acceptances;
use super::state::State;
use super::turn::{PATIENCE, PAUSE, Waits};
use super::under_way::UnderWay;

/// Why a ledger cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("the ledger `{}` cannot be opened: {reason}", path.display())]
pub struct OpenError {
    path: PathBuf,
    reason: io::Error,
}

impl OpenError {
    /// The ledger was not opened in the time that the caller waits.
    #[must_use]
    pub fn late(path: &Path) -> Self {
        Self { path: path.to_owned(), reason: io::Error::other("it was not read in time") }
    }

    /// There is no directory for the ledger.
    #[must_use]
    pub fn without_directory(path: &Path, reason: io::Error) -> Self {
        Self { path: path.to_owned(), reason }
    }

    /// Whether this user cannot create a ledger at the path and there is none: then no record can be lost.
    #[must_use]
    pub fn is_nowhere(&self) -> bool {
        let kinds = [io::ErrorKind::ReadOnlyFilesystem, io::ErrorKind::PermissionDenied];
        kinds.contains(&self.reason.kind()) && fs::symlink_metadata(&self.path).is_err()
    }
}

/// The book in a file.
pub struct FileLedger {
    path: PathBuf,
    pub(super) clock: Clock,
    /// The command that ends a hold, for messages.
    pub(super) command: String,
    /// Whether what earlier runs left is overlooked.
    pub(super) overlooks: bool,
    state: Mutex<State>,
    /// Notified when a login has ended and no other login of this process is under way.
    pub(super) last: Notify,
}

/// The files of a ledger at `path`, which must not be used for anything else.
#[must_use]
pub fn files(path: &Path) -> [PathBuf; 2] {
    let path = fs::canonicalize(path).unwrap_or_else(|_absent| path.to_owned());
    let key = key_of(&path);
    [path, key]
}

impl FileLedger {
    /// Opens the ledger at `path`, or creates it.
    ///
    /// # Errors
    ///
    /// When the file, or one of the files beside it, cannot be opened or created.
    pub fn open(path: &Path, clock: Clock) -> Result<Self, OpenError> {
        Self::open_within(path, clock, PATIENCE)
    }

    /// Same as [`FileLedger::open`], but waits no longer than `patience`, here and during the whole run, while other
    /// processes have the file locked.
    ///
    /// # Errors
    ///
    /// Those of [`FileLedger::open`].
    pub fn open_within(path: &Path, clock: Clock, patience: Duration) -> Result<Self, OpenError> {
        let waits = Waits::with(patience.min(PATIENCE));
        Self::try_open(path, clock, waits).map_err(|reason| OpenError { path: path.to_owned(), reason })
    }

    fn try_open(path: &Path, clock: Clock, mut waits: Waits) -> io::Result<Self> {
        // The file is created where a link leads: all names of one file are one ledger, with its other files beside it.
        drop(regular::open(path, OpenOptions::new().append(true).create(true).mode(0o600))?);
        let path = &*fs::canonicalize(path)?;
        let mut journal = Journal::open(path)?;
        while !journal.try_lock()? {
            if waits.is_enough(Instant::now()) {
                return Err(io::Error::other("another process keeps it locked"));
            }
            thread::sleep(PAUSE);
        }
        let dead = owner::dead(path);
        let owner = Owner::new(path)?;
        let (key, is_new) = key(path, owner.draft())?;
        let mut state = State {
            path: path.to_owned(),
            book: Book::new(key, REFUSALS),
            under_way: UnderWay::of(owner.name()),
            acceptances: Acceptances::default(),
            handshakes: BTreeMap::new(),
            journal,
            owner,
            clock: clock.clone(),
            waits,
            unwritten: Lines::default(),
            is_locked: false,
            written: 0,
            logins: 0,
            buried: Vec::new(),
            notes_anew: false,
            lost: BTreeSet::new(),
            broken: None,
        };
        state.begin_from(is_new, dead)?;
        Ok(Self {
            path: path.to_owned(),
            clock,
            command: "connprobe state forget".to_owned(),
            overlooks: false,
            state: Mutex::new(state),
            last: Notify::new(),
        })
    }

    /// From now on, only what this run itself records decides. Everything is still written.
    #[must_use]
    pub fn overlooking_earlier_runs(self) -> Self {
        self.state().book.overlook();
        Self { overlooks: true, ..self }
    }

    /// Messages name `command` as the one that forgets an account.
    #[must_use]
    pub fn ended_by(self, command: String) -> Self {
        Self { command, ..self }
    }

    /// The path of the ledger.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key_of(ledger: &Path) -> PathBuf {
    let mut path = ledger.as_os_str().to_owned();
    path.push(".key");
    PathBuf::from(path)
}

/// Whether `content` may be the complete key of a ledger: the right number of bytes, which are not text.
#[must_use]
pub fn is_key_of_ledger(content: &[u8]) -> bool {
    let is_text = |text: &str| text.chars().all(|letter| !letter.is_control() || letter.is_whitespace());
    content.len() == KEY_LENGTH && !std::str::from_utf8(content).is_ok_and(is_text)
}

/// Reads the key beside the ledger, or creates one by way of `draft`. Returns whether it is new. Must be called under
/// the ledger's lock.
fn key(ledger: &Path, draft: &Path) -> io::Result<(Key, bool)> {
    let path = key_of(ledger);
    match regular::read(&path, KEY_LENGTH as u64 + 1).map(<[u8; KEY_LENGTH]>::try_from) {
        Ok(Ok(bytes)) => return Ok((Key::of(&bytes), false)),
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(io::Error::new(error.kind(), format!("its key `{}`: {error}", path.display())));
        }
        // A truncated key is not one.
        Ok(Err(bytes)) if !bytes.is_empty() => {
            let key = path.display();
            return Err(io::Error::other(format!("`{key}` is another file than its key, and is left as it is")));
        }
        Ok(Err(_)) | Err(_) => {}
    }
    let bytes = Key::random().ok_or_else(|| io::Error::other("this machine gives no random bytes"))?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft)?;
    let written = file.write_all(&bytes).and_then(|()| fs::rename(draft, &path));
    if let Err(error) = written {
        drop(fs::remove_file(draft));
        return Err(error);
    }
    Ok((Key::of(&bytes), true))
}
