//! A copy of the store in another file: made under a name of its own, it takes a free name or the place of an earlier copy
//! of the same store, and of nothing else. What SQLite keeps beside a file would change the copy, so it has to be gone.

use std::fs::{self, Metadata};
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::file::{PATIENCE, Sqlite, fault};
use super::migrate;
use crate::store::Access;
use crate::store::draft::Draft;
use crate::store::error::StoreError;
use crate::store::state::State;
use crate::store::{draft, files};

/// A draft that nobody has written to for so long, and nobody has locked, was left by a process that was killed: where locks
/// are a server's, SQLite may drop that of its own process.
const ABANDONED: Duration = Duration::from_mins(1);
/// The pause between two looks whether an earlier copy is free.
const PAUSE: Duration = Duration::from_millis(10);
/// How often another process may put its copy there meanwhile.
const TURNS: usize = 8;

/// What stands where the copy is to be.
enum Place {
    /// Nothing.
    Free,
    /// A file without a byte.
    Empty,
    /// An earlier copy, which no other process uses until this is dropped.
    Earlier(Sqlite),
}

/// Which store a file holds: the original and its copies have one id.
struct Mark {
    id: String,
    /// None before the store was sealed.
    changes: u64,
}

impl Sqlite {
    /// Copies the store as it is at one moment into the private file `target`, which has its name when it is whole.
    pub(in crate::store) fn backup(&self, target: &Path) -> Result<(), StoreError> {
        draft::sweep(target, ABANDONED, is_begun);
        let mut draft = Draft::new(target)?;
        let target = files::resolved(target)?;
        // Nothing is copied in vain.
        drop(self.place_at(&target)?);
        self.copy_into(draft.path())?;
        for _ in 0..TURNS {
            match self.place_at(&target)? {
                Place::Free if draft.take_name(&target)? => return Ok(()),
                Place::Free => {}
                Place::Empty => return draft.replace(&target),
                Place::Earlier(held) => {
                    draft.replace(&target)?;
                    drop(held);
                    return Ok(());
                }
            }
        }
        Err(StoreError::Locked { place: files::shown(&target) })
    }

    /// Writes the store into the empty file `draft`, and that to the disk.
    fn copy_into(&self, draft: &Path) -> Result<(), StoreError> {
        let io = |reason: io::Error| StoreError::Io { file: files::shown(draft), reason };
        let Some(name) = draft.to_str() else {
            return Err(io(io::Error::new(ErrorKind::InvalidFilename, "its name is not UTF-8")));
        };
        // A reader's connection takes the copy for a change; the store itself is only read.
        let query_only = |on: bool| self.connection.pragma_update(None, "query_only", on);
        let before = self.connection.pragma_query_value(None, "query_only", |row| row.get(0));
        let copied = before.and_then(|before| {
            query_only(false)?;
            let copied = self.connection.execute("VACUUM INTO ?1", [name]);
            query_only(before).and(copied)
        });
        copied.map_err(|error| fault(&error, &self.place))?;
        let written = files::open(draft)?.ok_or_else(|| io(ErrorKind::NotFound.into()))?;
        written.sync_all().map_err(io)
    }

    /// What stands at `target`, unless a copy must not take its place.
    fn place_at(&self, target: &Path) -> Result<Place, StoreError> {
        for _ in 0..TURNS {
            let Some(found) = metadata(target)? else {
                return refuse_leftovers(target).map(|()| Place::Free);
            };
            // Its permissions and those of its directory are judged as those of a store are.
            let recognised = match self.is_own(&found) {
                true => None,
                // Of an empty file nothing stays but the name, so that its permissions are nobody's concern.
                false if found.is_file() && found.len() == 0 && files::is_own(&found) => {
                    Some(files::judge_directory(target).map(|()| Some(false)))
                }
                false => Some(migrate::recognise(target)),
            };
            let place = match recognised {
                Some(Ok(Some(true))) => self.earlier(target)?.map(Place::Earlier),
                Some(Ok(Some(false))) => Some(Place::Empty),
                Some(Ok(None)) => continue,
                None | Some(Err(StoreError::Foreign { .. })) => None,
                Some(Err(error)) => return Err(error),
            };
            let place = place.ok_or_else(|| StoreError::NotACopy { file: files::shown(target) })?;
            // Another process may have put its copy there since.
            if metadata(target)?.is_some_and(|now| files::is_same(&now, &found) && now.len() == found.len()) {
                return refuse_leftovers(target).map(|()| place);
            }
        }
        Err(StoreError::Locked { place: files::shown(target) })
    }

    /// The store at `target`, if it is a copy of this one: whole in its file, and locked.
    fn earlier(&self, target: &Path) -> Result<Option<Self>, StoreError> {
        let settled = Self::connect(target, self.limit, Access::Write).and_then(|earlier| {
            let (own, other) = (self.mark()?, earlier.mark());
            match other {
                Ok(other) if other.id == own.id && other.changes > own.changes => {
                    let file = files::shown(target);
                    return Err(StoreError::NotEarlier { file, changes: other.changes, own: own.changes });
                }
                Ok(other) if other.id == own.id => {}
                Err(error @ StoreError::Locked { .. }) => return Err(error),
                // What cannot be read may be anything.
                Ok(_) | Err(_) => return Ok(None),
            }
            // SQLite gives up at once where another process reads it.
            let until = Instant::now() + self.limit.now().min(PATIENCE);
            loop {
                match earlier.settle() {
                    Err(StoreError::Locked { .. }) if Instant::now() < until => thread::sleep(PAUSE),
                    settled => break settled?,
                }
            }
            Ok(Some(earlier))
        });
        match settled {
            Err(StoreError::Damaged { .. }) => Ok(None),
            settled => settled,
        }
    }

    /// Takes what a process left beside the file that was killed into it, or back, and locks it.
    fn settle(&self) -> Result<(), StoreError> {
        let settled = self.connection.pragma_update_and_check(None, "journal_mode", "delete", |_mode| Ok(()));
        let locked = settled.and_then(|()| self.connection.execute_batch("BEGIN EXCLUSIVE"));
        locked.map_err(|error| fault(&error, &self.place))
    }

    /// Which store it is, and of when.
    fn mark(&self) -> Result<Mark, StoreError> {
        let mark = self.connection.query_row("SELECT id, state FROM store", [], |row| {
            let state: Option<String> = row.get(1)?;
            Ok(Mark { id: row.get(0)?, changes: state.as_deref().and_then(State::changes_of).unwrap_or_default() })
        });
        mark.map_err(|error| fault(&error, &self.place))
    }

    /// Whether it is the store's file itself, under whatever name. To open and close it would drop SQLite's locks.
    fn is_own(&self, found: &Metadata) -> bool {
        let own = self.connection.path().and_then(|path| fs::metadata(path).ok());
        own.is_some_and(|own| files::is_same(&own, found))
    }
}

/// Refuses what SQLite would take for a part of the file `target`.
fn refuse_leftovers(target: &Path) -> Result<(), StoreError> {
    let mut beside = files::files_of(target).into_iter().skip(1);
    match beside.find(|path| path.symlink_metadata().is_ok()) {
        Some(left) => Err(StoreError::Leftover { file: files::shown(&left) }),
        None => Ok(()),
    }
}

fn metadata(path: &Path) -> Result<Option<Metadata>, StoreError> {
    match path.symlink_metadata() {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(reason) => Err(StoreError::Io { file: files::shown(path), reason }),
    }
}

/// Whether the file is one that SQLite was writing a store to.
fn is_begun(path: &Path) -> bool {
    // The first page may be written last.
    let is_blank = || {
        let mut start = Vec::new();
        let opened = files::open(path).ok().flatten();
        let read = opened.map(|file| file.take(100).read_to_end(&mut start));
        read.is_some_and(|read| read.is_ok()) && start.iter().all(|byte| *byte == 0)
    };
    matches!(migrate::recognise(path), Ok(Some(_))) || is_blank()
}
