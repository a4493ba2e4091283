//! `Owner`: whether a process lives, for others that share the ledger's directory. It lives as long as its lock on a
//! file of its own is held: no process numbers, since containers share volumes.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::digest::Key;

const ENDING: &str = ".alive";
/// What a process writes before it has its name.
const DRAFT: &str = ".draft";

/// This process's own file, locked until it ends.
pub(super) struct Owner {
    name: String,
    path: PathBuf,
    draft: PathBuf,
    _locked: File,
}

impl Owner {
    /// Makes the file beside `ledger`. It has its name only once it is locked.
    pub(super) fn new(ledger: &Path) -> io::Result<Self> {
        let random = Key::random().ok_or_else(|| io::Error::other("this machine gives no random bytes"))?;
        let name = Key::of(&random).digest(&[b"owner"]).short();
        let (path, draft) = (file(ledger, &name, ENDING), file(ledger, &name, DRAFT));
        let locked = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        locked.lock()?;
        fs::rename(&draft, &path)?;
        Ok(Self { name, path, draft, _locked: locked })
    }

    /// Where this process, and no other, may write what then replaces a file of the ledger.
    pub(super) fn draft(&self) -> &Path {
        &self.draft
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // One that stays behind is not locked, and says that nobody lives.
        drop(fs::remove_file(&self.path));
    }
}

/// Whether the process that calls itself `name` lives; the file of one that does not is removed.
pub(super) fn is_alive(ledger: &Path, name: &str) -> bool {
    if !is_name(name) {
        return false;
    }
    let path = file(ledger, name, ENDING);
    let Ok(opened) = File::open(&path) else { return false };
    match opened.try_lock_shared() {
        // Where locks cannot be had nothing is known: its login's deadline decides.
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => true,
        Ok(()) => {
            drop(fs::remove_file(path));
            false
        }
    }
}

/// Removes the files of processes that do not live any more; to be called under the ledger's lock, under which alone
/// there are drafts.
pub(super) fn sweep(ledger: &Path) {
    let (Some(directory), Some(own)) = (ledger.parent(), ledger.file_name().and_then(|name| name.to_str())) else {
        return;
    };
    let Ok(files) = fs::read_dir(directory) else { return };
    for file in files.flatten() {
        let name = file.file_name();
        let Some(name) = name.to_str().and_then(|name| name.strip_prefix(own)?.strip_prefix('.')) else { continue };
        if let Some(name) = name.strip_suffix(ENDING) {
            is_alive(ledger, name);
        }
        if name.strip_suffix(DRAFT).is_some_and(is_name) {
            // One that stays is in nobody's way.
            drop(fs::remove_file(file.path()));
        }
    }
}

/// Whether a process may call itself so.
fn is_name(name: &str) -> bool {
    name.len() == 16 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn file(ledger: &Path, name: &str, ending: &str) -> PathBuf {
    let mut path = ledger.as_os_str().to_owned();
    path.push(format!(".{name}{ending}"));
    PathBuf::from(path)
}
