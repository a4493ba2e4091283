//! The file that `wait --ready-file` writes, for other containers and for probes that look whether it exists.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// The content, by which a file that an earlier wait has left is recognised.
const CONTENT: &[u8] = b"ready\n";

/// Removes the file that an earlier wait has left at `path`, and checks that one can be written there.
///
/// # Errors
///
/// When another file is there, or when none can be removed or written.
pub(super) fn prepare(path: &Path) -> io::Result<()> {
    remove(path)?;
    write(path)?;
    fs::remove_file(path)
}

fn remove(path: &Path) -> io::Result<()> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let is_own = metadata.is_file() && metadata.len() == CONTENT.len() as u64 && fs::read(path)? == CONTENT;
    let found = match metadata.is_dir() {
        _ if is_own => return fs::remove_file(path),
        true => "it is a directory",
        false => "a file that no wait has written is there, and is left as it is",
    };
    Err(io::Error::other(found))
}

/// Writes the file at `path`, which must not exist.
///
/// # Errors
///
/// When it cannot be written.
pub(super) fn write(path: &Path) -> io::Result<()> {
    File::create_new(path)?.write_all(CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_file_of_an_earlier_wait_is_removed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ready");
        remove(&path).unwrap();
        write(&path).unwrap();
        assert!(write(&path).is_err());
        remove(&path).unwrap();
        fs::write(&path, "notes").unwrap();
        assert!(remove(&path).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"notes");
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(remove(&path).is_err());
    }
}
