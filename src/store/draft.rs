//! A file that is not whole yet: made private, locked and under a name of its own, it takes its real name when it is whole.
//! One that a killed process left is known by its lock, which nobody holds any more.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::error::StoreError;
use super::{files, random};

/// What its name ends with, after its random digits.
const ENDING: &str = ".draft";
/// The digits are those of so many bytes.
const DIGITS: usize = 8;

/// A file that is not whole yet. It is gone when this is dropped, unless it was given its name.
pub(super) struct Draft {
    path: PathBuf,
    /// Locked, which tells other processes that somebody works on it.
    file: File,
    is_placed: bool,
}

impl Draft {
    /// Makes the empty private file beside `target`, and its directory if need be, under a name that no other process has.
    pub(super) fn new(target: &Path) -> Result<Self, StoreError> {
        loop {
            let path = files::beside(target, &format!(".{}{ENDING}", random::hex::<DIGITS>()?));
            let file = files::create_new(&path)?;
            let io = |reason| StoreError::Io { file: files::shown(&path), reason };
            match file.try_lock() {
                // Another process took it for one that was left, before it was locked.
                Ok(()) if !is_there(&path, &file).map_err(io)? => {}
                // Not every file system has locks.
                Ok(()) | Err(fs::TryLockError::Error(_)) => return Ok(Self { path, file, is_placed: false }),
                Err(fs::TryLockError::WouldBlock) => drop(fs::remove_file(&path)),
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes all of it, and puts that on disk.
    pub(super) fn write(&mut self, content: &[u8]) -> Result<(), StoreError> {
        let written = self.file.write_all(content).and_then(|()| self.file.sync_all());
        written.map_err(|reason| StoreError::Io { file: files::shown(&self.path), reason })
    }

    /// Gives it the name `target`; false where a file has it meanwhile.
    pub(super) fn take_name(&mut self, target: &Path) -> Result<bool, StoreError> {
        // At no moment it has two names: one of a key that was left would be that of a key in use.
        let placed = match renameat_with(CWD, &self.path, CWD, target, RenameFlags::NOREPLACE) {
            // Some file systems cannot. There a second name fails where there is a file, which a new name would not.
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => fs::hard_link(&self.path, target),
            renamed => {
                self.is_placed = renamed.is_ok();
                renamed.map_err(io::Error::from)
            }
        };
        match placed {
            Ok(()) => files::sync_directory(target).map(|()| true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(reason) => Err(StoreError::Io { file: files::shown(target), reason }),
        }
    }

    /// Puts it in the place of `target`.
    pub(super) fn replace(&mut self, target: &Path) -> Result<(), StoreError> {
        files::replace(&self.path, target)?;
        self.is_placed = true;
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.is_placed {
            // Nothing more can be done about one that cannot be removed.
            drop(fs::remove_file(&self.path));
        }
    }
}

/// Whether the open `file` still has the name `path`.
fn is_there(path: &Path, file: &File) -> io::Result<bool> {
    match path.symlink_metadata() {
        Ok(named) => file.metadata().map(|open| files::is_same(&named, &open)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Removes what killed processes left of drafts of `target` that nobody has written to for as long as `rest`, and that are
/// drafts by what stands in them. One that stays is in nobody's way.
pub(super) fn sweep(target: &Path, rest: Duration, is_draft: impl Fn(&Path) -> bool) {
    let Some(name) = target.file_name() else { return };
    let beside = files::beside(target, ENDING);
    // A relative name without a directory is one of this directory.
    let directory = beside.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let (own, found) = (name.as_encoded_bytes(), entry.file_name());
        let digits = found.as_encoded_bytes().strip_prefix(own).and_then(|rest| rest.strip_suffix(ENDING.as_bytes()));
        let is_named = digits
            .and_then(|digits| digits.strip_prefix(b"."))
            .is_some_and(|digits| digits.len() == 2 * DIGITS && digits.iter().all(u8::is_ascii_hexdigit));
        if !is_named {
            continue;
        }
        // It stays locked until it is removed: the process that has just made it finds that out, and makes another one.
        if let Some(_locked) = left(&entry.path(), rest)
            && is_draft(&entry.path())
        {
            drop(fs::remove_file(entry.path()));
        }
    }
}

/// The file at `path`, locked, if no process works on it any more. Not every file system has locks.
fn left(path: &Path, rest: Duration) -> Option<File> {
    let age = path.symlink_metadata().and_then(|metadata| metadata.modified()).map(|at| at.elapsed());
    let rested = rest.is_zero() || age.is_ok_and(|age| age.is_ok_and(|age| age > rest));
    let file = rested.then(|| files::open(path).ok().flatten())??;
    (!matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock))).then_some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_works_on_stays_and_what_was_left_goes() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("key");
        let names = || {
            let mut names: Vec<_> = fs::read_dir(home.path())
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        };
        let mut draft = Draft::new(&target).unwrap();
        let left = files::beside(&target, ".0123456789abcdef.draft");
        let own = files::beside(&target, ".draft");
        for path in [&left, &own] {
            files::create(path).unwrap();
        }
        sweep(&target, Duration::from_mins(1), |_| true);
        assert_eq!(names().len(), 3, "nothing is old enough");
        sweep(&target, Duration::ZERO, |_| false);
        assert_eq!(names().len(), 3, "nothing is a draft");
        sweep(&target, Duration::ZERO, |_| true);
        assert_eq!((names().len(), left.exists(), own.exists()), (2, false, true));
        draft.write(b"one").unwrap();
        assert!(draft.take_name(&target).unwrap());
        drop(draft);
        let mut late = Draft::new(&target).unwrap();
        assert!(!late.take_name(&target).unwrap());
        drop(late);
        assert_eq!(
            (names(), fs::read(&target).unwrap()),
            (vec!["key".to_owned(), "key.draft".to_owned()], b"one".to_vec())
        );
    }

    /// A process that makes a draft at this moment locks it after the sweep has looked at it.
    #[test]
    fn what_is_removed_is_locked_until_it_is_gone() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("key");
        files::create(&files::beside(&target, ".0123456789abcdef.draft")).unwrap();
        sweep(&target, Duration::ZERO, |path| {
            let locked = File::open(path).unwrap().try_lock();
            assert!(matches!(locked, Err(fs::TryLockError::WouldBlock)), "{locked:?}");
            true
        });
        assert!(!files::beside(&target, ".0123456789abcdef.draft").exists());
    }
}
