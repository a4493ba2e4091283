//! Places that secrets may be written to: a file that only its owner can read, or a pipe.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::model::os_error::in_words;

/// Who may use a file besides its owner.
const OTHERS: u32 = 0o077;

/// Why secrets must not be written to `out`, as a lower-case fragment; `None` where they may.
pub(super) fn exposure(out: &impl AsFd) -> Option<String> {
    let metadata = match out.as_fd().try_clone_to_owned().map(File::from).and_then(|file| file.metadata()) {
        Ok(metadata) => metadata,
        Err(error) => return Some(format!("it cannot be examined: {}", in_words(&error))),
    };
    let kind = metadata.file_type();
    if kind.is_socket() {
        None
    } else if kind.is_file() || kind.is_fifo() {
        exposed(&metadata)
    } else {
        Some("it is a terminal, or another device".to_owned())
    }
}

fn exposed(metadata: &Metadata) -> Option<String> {
    let mode = metadata.mode() & 0o7777;
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        Some("it belongs to another user".to_owned())
    } else if mode & OTHERS != 0 {
        Some(format!("others can use it (mode {mode:04o})"))
    } else {
        None
    }
}

/// A file that appears under its name when it is whole, readable for nobody but its owner.
pub(super) struct PrivateFile {
    path: PathBuf,
    draft: PathBuf,
    out: BufWriter<File>,
    kept: bool,
}

impl PrivateFile {
    /// Whether `path` may become such a file: it is none yet, or is one already.
    pub(super) fn judge(path: &Path) -> Result<(), String> {
        match path.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(in_words(&error)),
            Ok(metadata) if !metadata.is_file() => Err("it is no regular file".to_owned()),
            Ok(metadata) => exposed(&metadata).map_or(Ok(()), Err),
        }
    }

    /// Begins a file that will be `path`.
    pub(super) fn new(path: &Path) -> io::Result<Self> {
        let name = path.file_name().ok_or(io::ErrorKind::IsADirectory)?;
        let mut draft = std::ffi::OsString::from(".");
        draft.push(name);
        draft.push(format!(".{}.{}", std::process::id(), crate::clock::now().as_nanosecond()));
        let draft = path.with_file_name(draft);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        Ok(Self { path: path.to_owned(), draft, out: BufWriter::new(file), kept: false })
    }

    /// Gives it its name; what had the name before is gone.
    pub(super) fn keep(mut self) -> io::Result<()> {
        self.out.flush()?;
        self.out.get_ref().sync_all()?;
        fs::rename(&self.draft, &self.path)?;
        self.kept = true;
        Ok(())
    }
}

impl Write for PrivateFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Drop for PrivateFile {
    fn drop(&mut self) {
        if !self.kept {
            // Nothing more can be done about a draft that cannot be removed.
            drop(fs::remove_file(&self.draft));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().mode() & 0o7777
    }

    #[test]
    fn only_a_new_file_or_a_private_one_will_do() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        assert_eq!(PrivateFile::judge(&at("new")), Ok(()));
        for (bits, fine) in [(0o600, true), (0o400, true), (0o644, false), (0o604, false), (0o660, false)] {
            fs::write(at("file"), "").unwrap();
            fs::set_permissions(at("file"), fs::Permissions::from_mode(bits)).unwrap();
            assert_eq!(PrivateFile::judge(&at("file")).is_ok(), fine, "{bits:o}");
            assert_eq!(exposure(&File::open(at("file")).unwrap()).is_none(), fine, "{bits:o}");
            fs::remove_file(at("file")).unwrap();
        }
        std::os::unix::fs::symlink(at("new"), at("link")).unwrap();
        assert!(PrivateFile::judge(&at("link")).is_err());
        assert!(PrivateFile::judge(home.path()).is_err());
        assert!(exposure(&File::open("/dev/zero").unwrap()).is_some());
        let (_reader, writer) = io::pipe().unwrap();
        assert_eq!(exposure(&writer), None);
    }

    #[test]
    fn it_appears_when_it_is_whole_and_only_then() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("all.json");
        fs::write(&path, "old").unwrap();
        let mut dropped = PrivateFile::new(&path).unwrap();
        dropped.write_all(b"half").unwrap();
        drop(dropped);
        assert_eq!((fs::read_to_string(&path).unwrap(), fs::read_dir(home.path()).unwrap().count()), ("old".into(), 1));
        let mut file = PrivateFile::new(&path).unwrap();
        file.write_all(b"new").unwrap();
        file.keep().unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap(), mode(&path)), ("new".into(), 0o600));
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    }
}
