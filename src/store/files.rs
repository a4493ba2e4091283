//! Files that only their owner may read. They are created without a race, and checked before use.
//!
//! All checks use the open file, never its name, and the directory must be one where no other user can replace the
//! file.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::draft::Draft;
use super::error::StoreError;
use crate::model::plain::shown_name;

/// `path` as messages show it.
pub(super) fn shown(path: &Path) -> String {
    shown_name(&path.to_string_lossy())
}

/// `path` with the links in its directory resolved, so that later checks apply to the real directory. The file name is
/// not resolved.
pub(super) fn resolved(path: &Path) -> Result<PathBuf, StoreError> {
    let name = path.file_name().ok_or_else(|| StoreError::NotAFile { file: shown(path) })?;
    match directory(path).canonicalize() {
        Ok(directory) => Ok(directory.join(name)),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(StoreError::Missing { place: shown(path) }),
        Err(reason) => Err(StoreError::Io { file: shown(path), reason }),
    }
}

/// Opens the private file `path` for reading; `None` if it does not exist.
pub(super) fn open(path: &Path) -> Result<Option<File>, StoreError> {
    // Non-blocking, so that opening a FIFO without a writer returns.
    let file = match OpenOptions::new().read(true).custom_flags(flags(OFlags::NOFOLLOW | OFlags::NONBLOCK)).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
            return Err(StoreError::Link { file: shown(path) });
        }
        Err(reason) => return Err(StoreError::Io { file: shown(path), reason }),
    };
    judge(path, &file)?;
    Ok(Some(file))
}

/// Creates the empty private file `path`, and its directory if necessary; an existing file is kept.
pub(super) fn create(path: &Path) -> Result<(), StoreError> {
    create_directory(path)?;
    match new_file(path) {
        Ok(_file) => sync_directory(path),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(reason) => Err(StoreError::Io { file: shown(path), reason }),
    }
}

/// Creates the empty private file `path`, and its directory if necessary, and returns it open for writing.
pub(super) fn create_new(path: &Path) -> Result<File, StoreError> {
    create_directory(path)?;
    new_file(path).map_err(|reason| StoreError::Io { file: shown(path), reason })
}

/// Creates the private file `path` with all of `content` or not at all; it is on disk on return. `false` if the file
/// exists already; it is then unchanged.
pub(super) fn create_with(path: &Path, content: &[u8]) -> Result<bool, StoreError> {
    let mut draft = Draft::new(path)?;
    draft.write(content)?;
    draft.take_name(path)
}

/// Replaces `to` with `from`, in the same directory; the change is on disk on return.
pub(super) fn replace(from: &Path, to: &Path) -> Result<(), StoreError> {
    fs::rename(from, to).map_err(|reason| StoreError::Io { file: shown(to), reason })?;
    sync_directory(to)
}

/// The path whose name is that of `path` followed by `suffix`.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Refuses a file that is not private, or that is in a directory to which other users may write.
fn judge(path: &Path, file: &File) -> Result<(), StoreError> {
    let metadata = file.metadata().map_err(|reason| StoreError::Io { file: shown(path), reason })?;
    if !metadata.is_file() {
        return Err(StoreError::NotAFile { file: shown(path) });
    }
    if !is_own(&metadata) {
        return Err(StoreError::Foreigner { file: shown(path), owner: metadata.uid() });
    }
    let mode = metadata.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(StoreError::Exposed { file: shown(path), mode });
    }
    judge_directory(path)
}

/// Refuses the directory of `path` if other users may write to it.
pub(super) fn judge_directory(path: &Path) -> Result<(), StoreError> {
    let directory = directory(path);
    let file = || shown(directory);
    let metadata = directory.metadata().map_err(|reason| StoreError::Io { file: file(), reason })?;
    if ![own_id(), 0].contains(&metadata.uid()) {
        return Err(StoreError::Foreigner { file: file(), owner: metadata.uid() });
    }
    let mode = metadata.mode() & 0o7777;
    if mode & 0o022 != 0 {
        return Err(StoreError::ExposedDirectory { directory: file(), mode });
    }
    Ok(())
}

fn create_directory(path: &Path) -> Result<(), StoreError> {
    let directory = directory(path);
    let made = DirBuilder::new().mode(0o700).recursive(true).create(directory);
    made.map_err(|reason| StoreError::Io { file: shown(directory), reason })?;
    judge_directory(path)
}

fn new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).custom_flags(flags(OFlags::NOFOLLOW)).open(path)
}

/// Flushes the directory of `path` to disk.
pub(super) fn sync_directory(path: &Path) -> Result<(), StoreError> {
    let directory = directory(path);
    let synced = File::open(directory).and_then(|opened| opened.sync_all());
    synced.map_err(|reason| StoreError::Io { file: shown(directory), reason })
}

fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn flags(flags: OFlags) -> i32 {
    let Ok(flags) = i32::try_from(flags.bits()) else { unreachable!("the flags of open(2) are an int") };
    flags
}

/// Whether both belong to the same file, under whatever names.
pub(super) fn is_same(one: &Metadata, other: &Metadata) -> bool {
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

pub(super) fn is_own(metadata: &Metadata) -> bool {
    metadata.uid() == own_id()
}

fn own_id() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// The files that make up the store in the file `path`, whether or not they exist.
#[must_use]
pub fn files_of(path: &Path) -> Vec<PathBuf> {
    ["", "-wal", "-shm", "-journal"].iter().map(|suffix| beside(path, suffix)).collect()
}

/// The key file `path`, and the file beside it that exists while the key is rotated.
#[must_use]
pub fn files_of_key(path: &Path) -> [PathBuf; 2] {
    [path.to_owned(), beside(path, super::key::NEXT)]
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().mode() & 0o7777
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn what_is_made_is_private_with_all_its_directories() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("share/connprobe/file");
        create(&path).unwrap();
        assert_eq!(
            (mode(&path), mode(path.parent().unwrap()), mode(&home.path().join("share"))),
            (0o600, 0o700, 0o700)
        );
        assert!(open(&path).unwrap().is_some());
    }

    #[test]
    fn what_is_there_stays_as_it_is() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("key");
        assert!(create_with(&path, b"one").unwrap());
        assert!(!create_with(&path, b"two").unwrap());
        create(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn a_file_that_others_may_use_is_refused_with_its_mode() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("file");
        create(&path).unwrap();
        for (bits, fine) in [
            (0o600, true),
            (0o400, true),
            (0o640, false),
            (0o604, false),
            (0o620, false),
            (0o602, false),
            (0o610, false),
            (0o601, false),
            (0o666, false),
        ] {
            set_mode(&path, bits);
            match open(&path) {
                Ok(file) => assert!(fine && file.is_some(), "{bits:o}"),
                Err(StoreError::Exposed { mode, .. }) => assert!(!fine && mode == bits, "{bits:o}"),
                Err(error) => panic!("{bits:o}: {error}"),
            }
        }
    }

    #[test]
    fn so_is_one_that_others_could_exchange() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("file");
        create(&path).unwrap();
        for (bits, fine) in [(0o700, true), (0o755, true), (0o720, false), (0o702, false), (0o1777, false)] {
            set_mode(home.path(), bits);
            let opened = open(&path);
            assert_eq!(opened.is_ok(), fine, "{bits:o}");
            assert!(fine || matches!(opened, Err(StoreError::ExposedDirectory { mode, .. }) if mode == bits));
            assert_eq!(create(&home.path().join(format!("{bits:o}"))).is_ok(), fine, "{bits:o}");
        }
        set_mode(home.path(), 0o700);
    }

    #[test]
    fn links_directories_and_pipes_are_no_files() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        create(&at("file")).unwrap();
        symlink(at("file"), at("link")).unwrap();
        symlink(at("nothing"), at("dangling")).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            at("pipe"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
            0,
        )
        .unwrap();
        assert!(matches!(open(&at("link")), Err(StoreError::Link { .. })));
        assert!(matches!(open(&at("dangling")), Err(StoreError::Link { .. })));
        assert!(matches!(open(&at("pipe")), Err(StoreError::NotAFile { .. })));
        assert!(matches!(open(home.path()), Err(StoreError::NotAFile { .. })));
        assert!(open(&at("nothing")).unwrap().is_none());
        create(&at("dangling")).unwrap();
        assert!(!at("nothing").exists(), "nothing is made through a link");
    }
}
