//! A file that is not complete yet. It is private, locked, and has a temporary name; it gets its real name when it is
//! complete. A draft that a killed process left behind is recognised by its lock, which no process holds any more.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::error::StoreError;
use super::{files, random};

/// The end of a draft's name, after its random digits.
const ENDING: &str = ".draft";
/// The number of random bytes that the digits represent.
const DIGITS: usize = 8;

/// A file that is not complete yet. It is removed on drop, unless it got its real name.
pub(super) struct Draft {
    path: PathBuf,
    /// The lock shows other processes that this one still works on the file.
    file: File,
    is_placed: bool,
}

impl Draft {
    /// Creates the empty private file beside `target`, and its directory if necessary, under a name that no other
    /// process uses.
    pub(super) fn new(target: &Path) -> Result<Self, StoreError> {
        loop {
            let path = files::beside(target, &format!(".{}{ENDING}", random::hex::<DIGITS>()?));
            let file = files::create_new(&path)?;
            let io = |reason| StoreError::Io { file: files::shown(&path), reason };
            match file.try_lock() {
                // Before the lock was taken, another process removed the file as an abandoned one.
                Ok(()) if !is_there(&path, &file).map_err(io)? => {}
                // Some file systems do not support locks.
                Ok(()) | Err(fs::TryLockError::Error(_)) => return Ok(Self { path, file, is_placed: false }),
                Err(fs::TryLockError::WouldBlock) => drop(fs::remove_file(&path)),
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes `content` and flushes it to disk.
    pub(super) fn write(&mut self, content: &[u8]) -> Result<(), StoreError> {
        let written = self.file.write_all(content).and_then(|()| self.file.sync_all());
        written.map_err(|reason| StoreError::Io { file: files::shown(&self.path), reason })
    }

    /// Renames the draft to `target`; false if a file with that name exists by now.
    pub(super) fn take_name(&mut self, target: &Path) -> Result<bool, StoreError> {
        // A rename never leaves two names at once. Otherwise the second name of a draft left behind could be that of a
        // key in use.
        let placed = match renameat_with(CWD, &self.path, CWD, target, RenameFlags::NOREPLACE) {
            // Some file systems do not support this. There a hard link is used, which fails if the file exists; a plain
            // rename would overwrite it.
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

    /// Replaces `target` with the draft.
    pub(super) fn replace(&mut self, target: &Path) -> Result<(), StoreError> {
        files::replace(&self.path, target)?;
        self.is_placed = true;
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.is_placed {
            // If the removal fails, nothing more can be done.
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

/// Removes drafts of `target` that killed processes left behind: files whose last change is longer ago than `rest`, and
/// whose content `is_draft` recognises. A draft that remains does no harm.
pub(super) fn sweep(target: &Path, rest: Duration, is_draft: impl Fn(&Path) -> bool) {
    let Some(name) = target.file_name() else { return };
    let beside = files::beside(target, ENDING);
    // A relative name without a directory is in the current directory.
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
        // The file stays locked until it is removed. A process that has just created it notices that, and creates
        // another one.
        if let Some(_locked) = left(&entry.path(), rest)
            && is_draft(&entry.path())
        {
            drop(fs::remove_file(entry.path()));
        }
    }
}

/// The file at `path`, locked, if no process works on it any more. Some file systems do not support locks.
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

    /// A process that creates a draft at this moment locks it after the sweep has checked it.
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
