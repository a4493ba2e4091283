//! `Owner`: whether a process is alive, for other processes that share the ledger's directory. A process is alive while
//! its lock on its own file is held. Process numbers are not used, since containers share volumes.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::digest::{Digest, Key};
use super::entry::Met;
use super::regular;

const ENDING: &str = ".alive";
/// The ending of a file before it has its final name.
const DRAFT: &str = ".draft";

/// The maximum number of other processes' files that one opening looks at.
const FEW: usize = 500;

/// Longer notes are started anew.
const LONG: u64 = 64 << 10;
/// The maximum length of a process's notes.
const LONGEST: u64 = 1 << 20;

/// This process's own file, locked until it ends. Notes which credentials have left; only this process writes there.
pub(super) struct Owner {
    name: String,
    path: PathBuf,
    draft: PathBuf,
    locked: File,
    /// The length of its notes.
    length: u64,
    /// Whether the file is kept on drop, for other processes to read.
    stays: bool,
}

/// A credential has left: the number of its login, its secret in the circumstances that it met, and these
/// circumstances.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Left(pub(super) u64, pub(super) Digest, pub(super) Option<Met>);

/// The number of handshakes under way with a server that counts interrupted ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Handshakes(pub(super) Digest, pub(super) u32);

impl Owner {
    /// Creates the file beside `ledger`. It gets its final name only once it is locked.
    pub(super) fn new(ledger: &Path) -> io::Result<Self> {
        let random = Key::random().ok_or_else(|| io::Error::other("this machine gives no random bytes"))?;
        let name = Key::of(&random).digest(&[b"owner"]).short();
        let (path, draft) = (file(ledger, &name, ENDING), file(ledger, &name, DRAFT));
        let locked = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        locked.lock()?;
        fs::rename(&draft, &path)?;
        Ok(Self { name, path, draft, locked, length: 0, stays: false })
    }

    /// The path where this process alone may write a file that then replaces one of the ledger.
    pub(super) fn draft(&self) -> &Path {
        &self.draft
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Notes that a credential leaves, or how many handshakes are under way.
    pub(super) fn note(&mut self, note: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(note)?;
        line.push(b'\n');
        self.locked.write_all_at(&line, self.length)?;
        self.length += line.len() as u64;
        Ok(())
    }

    /// Whether the notes have grown so long that they should be started anew.
    pub(super) fn is_full(&self) -> bool {
        self.length > LONG
    }

    /// Starts the notes anew; their content is in the ledger's file.
    pub(super) fn clear(&mut self) {
        // If this fails, the remaining notes are of logins that are over.
        drop(self.locked.set_len(0));
        self.length = 0;
    }

    /// Keeps the file on drop, for other processes.
    pub(super) fn stay(&mut self) {
        self.stays = true;
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        if !self.stays {
            // A file that cannot be removed is not locked, so its process counts as dead.
            drop(fs::remove_file(&self.path));
        }
    }
}

/// Whether the process `name` is alive.
pub(super) fn is_alive(ledger: &Path, name: &str) -> bool {
    if !is_name(name) {
        return false;
    }
    let opened = regular::open(&file(ledger, name, ENDING), OpenOptions::new().read(true));
    let Ok(opened) = opened else { return false };
    // If the file system has no locks, this is unknown: the login's deadline decides.
    opened.try_lock_shared().is_err()
}

/// The credentials of the process `name` that have left, as far as it has noted them; `None` if its file is gone.
pub(super) fn left(ledger: &Path, name: &str) -> Option<Vec<Left>> {
    // A truncated line belongs to a credential that has not left.
    notes(ledger, name)
}

/// The number of handshakes with each server that the process `name` has left unfinished.
pub(super) fn broken_off(ledger: &Path, name: &str) -> BTreeMap<Digest, u32> {
    let all = notes(ledger, name).unwrap_or_default();
    let mut last: BTreeMap<Digest, u32> = all.into_iter().map(|Handshakes(server, count)| (server, count)).collect();
    last.retain(|_, count| *count > 0);
    last
}

/// The notes of one kind in the file of the process `name`; `None` if it is gone.
fn notes<T: DeserializeOwned>(ledger: &Path, name: &str) -> Option<Vec<T>> {
    let notes = is_name(name).then(|| regular::read(&file(ledger, name, ENDING), LONGEST))?.ok()?;
    Some(notes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect())
}

/// Removes the file of the process `name`, which has died.
pub(super) fn remove(ledger: &Path, name: &str) {
    if is_name(name) {
        drop(fs::remove_file(file(ledger, name, ENDING)));
    }
}

/// Finds processes that have died and left their files, and removes drafts. Must be called under the ledger's lock,
/// which is also required for making drafts. It looks at few files, so that an opening does not take longer because of
/// what others left: the next opening looks at more of them, and a login that meets a claim looks at its owner's file
/// by name.
pub(super) fn dead(ledger: &Path) -> Vec<String> {
    let mut dead = Vec::new();
    let (Some(directory), Some(own)) = (ledger.parent(), ledger.file_name().and_then(|name| name.to_str())) else {
        return dead;
    };
    let Ok(files) = fs::read_dir(directory) else { return dead };
    let mut looks = 0;
    for file in files.flatten() {
        if looks == FEW {
            break;
        }
        let name = file.file_name();
        let Some(name) = name.to_str().and_then(|name| name.strip_prefix(own)?.strip_prefix('.')) else { continue };
        looks += 1;
        if let Some(name) = name.strip_suffix(ENDING).filter(|name| is_name(name)) {
            if !is_alive(ledger, name) {
                dead.push(name.to_owned());
            }
        } else if name.strip_suffix(DRAFT).is_some_and(is_name) {
            // A draft that cannot be removed does no harm.
            drop(fs::remove_file(file.path()));
        }
    }
    dead
}

/// Whether `name` has the form of a process's name.
fn is_name(name: &str) -> bool {
    name.len() == 16 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn file(ledger: &Path, name: &str, ending: &str) -> PathBuf {
    let mut path = ledger.as_os_str().to_owned();
    path.push(format!(".{name}{ending}"));
    PathBuf::from(path)
}
