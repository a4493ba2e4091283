//! `Owner`: whether a process lives, for others that share the ledger's directory. It lives as long as its lock on a
//! file of its own is held: no process numbers, since containers share volumes.

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
/// What a process writes before it has its name.
const DRAFT: &str = ".draft";

/// How many files of others one opening looks at.
const FEW: usize = 500;

/// Longer notes are begun anew.
const LONG: u64 = 64 << 10;
/// No process's notes are longer.
const LONGEST: u64 = 1 << 20;

/// This process's own file, locked until it ends. Which credentials have left is noted there, where nobody else writes.
pub(super) struct Owner {
    name: String,
    path: PathBuf,
    draft: PathBuf,
    locked: File,
    /// How long its notes are.
    length: u64,
    /// Its last words count: others read them when it has ended.
    stays: bool,
}

/// That a credential has left: the number of its login, its secret in the circumstances that it met, and these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Left(pub(super) u64, pub(super) Digest, pub(super) Option<Met>);

/// So many handshakes are under way with a server that counts those which are not finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Handshakes(pub(super) Digest, pub(super) u32);

impl Owner {
    /// Makes the file beside `ledger`. It has its name only once it is locked.
    pub(super) fn new(ledger: &Path) -> io::Result<Self> {
        let random = Key::random().ok_or_else(|| io::Error::other("this machine gives no random bytes"))?;
        let name = Key::of(&random).digest(&[b"owner"]).short();
        let (path, draft) = (file(ledger, &name, ENDING), file(ledger, &name, DRAFT));
        let locked = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        locked.lock()?;
        fs::rename(&draft, &path)?;
        Ok(Self { name, path, draft, locked, length: 0, stays: false })
    }

    /// Where this process, and no other, may write what then replaces a file of the ledger.
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

    /// Whether the notes have grown so long that they are to be begun anew.
    pub(super) fn is_full(&self) -> bool {
        self.length > LONG
    }

    /// Begins the notes anew: what they say stands elsewhere.
    pub(super) fn clear(&mut self) {
        // What stays behind is of logins that are over.
        drop(self.locked.set_len(0));
        self.length = 0;
    }

    /// Its file is left to others when it ends.
    pub(super) fn stay(&mut self) {
        self.stays = true;
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        if !self.stays {
            // One that stays behind is not locked, and says that nobody lives.
            drop(fs::remove_file(&self.path));
        }
    }
}

/// Whether the process that calls itself `name` lives.
pub(super) fn is_alive(ledger: &Path, name: &str) -> bool {
    if !is_name(name) {
        return false;
    }
    let opened = regular::open(&file(ledger, name, ENDING), OpenOptions::new().read(true));
    let Ok(opened) = opened else { return false };
    // Where locks cannot be had nothing is known: its login's deadline decides.
    opened.try_lock_shared().is_err()
}

/// Which credentials of the process that calls itself `name` have left, as far as it has noted them; `None` where its
/// file is gone.
pub(super) fn left(ledger: &Path, name: &str) -> Option<Vec<Left>> {
    // A line that was cut is of a credential that has not left.
    notes(ledger, name)
}

/// How many handshakes with each server the process that calls itself `name` has left in the middle.
pub(super) fn broken_off(ledger: &Path, name: &str) -> BTreeMap<Digest, u32> {
    let all = notes(ledger, name).unwrap_or_default();
    let mut last: BTreeMap<Digest, u32> = all.into_iter().map(|Handshakes(server, count)| (server, count)).collect();
    last.retain(|_, count| *count > 0);
    last
}

/// The notes of one kind in the file of the process that calls itself `name`; `None` where that is gone.
fn notes<T: DeserializeOwned>(ledger: &Path, name: &str) -> Option<Vec<T>> {
    let notes = is_name(name).then(|| regular::read(&file(ledger, name, ENDING), LONGEST))?.ok()?;
    Some(notes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect())
}

/// Removes the file of the process that called itself `name` and is no more.
pub(super) fn remove(ledger: &Path, name: &str) {
    if is_name(name) {
        drop(fs::remove_file(file(ledger, name, ENDING)));
    }
}

/// Processes that do not live any more and have left their files, and removes drafts; to be called under the ledger's lock,
/// under which alone there are drafts. It looks at few files, so that opening takes no longer for what others left: the
/// next opening looks at more of them, and who meets a claim looks at its owner's file by name.
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
            // One that stays is in nobody's way.
            drop(fs::remove_file(file.path()));
        }
    }
    dead
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
