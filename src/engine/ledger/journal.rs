//! `Journal`: the ledger's file. Each line is the new value of one key, and the last line of a key counts. A truncated
//! line is ignored. The file is locked while it is read or written, and rewritten once it has grown too long.
//!
//! Nothing is synchronised to the disk: writes of a killed process survive, those of a crashed machine may not.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::clock::Moment;
use super::digest::Digest;
use super::entry::{Entry, Met};
use super::line::Lines;
use super::regular;
use super::server::Server;
use crate::driver::controls::Control;

/// The maximum length of a ledger; a longer file was not written by connprobe.
const LONGEST: u64 = 256 << 20;
/// A file above this length is rewritten earlier.
const LONG: u64 = 64 << 20;
/// The kinds of records.
const KINDS: [&str; 6] = ["account", "server", "pending", "imported", "control", "lost"];
/// The number of digits of a record's key, and the number of bytes that identify a file as a ledger.
const KEY: usize = 32;
const START: usize = 48;
/// The offset in a line by which the name of every kind has ended.
const LONGEST_KIND: usize = 16;
/// The minimum that the first logins of a run write.
const ROOM: usize = 4096;
/// A file with fewer lines is never rewritten.
const FEW: usize = 1024;

/// The content of one line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Record<'a> {
    /// An account, or that it was forgotten.
    Account(Digest, Option<Cow<'a, Entry>>),
    /// A server that counts handshakes, or that nothing is recorded against it.
    Server(Digest, Option<Cow<'a, Server>>),
    /// A login that is under way, or that none is.
    Pending(Digest, Option<Cow<'a, Pending>>),
    /// A store whose counters were imported.
    Imported(Digest),
    /// The answer of an endpoint to made-up keys and its time, or that it is no longer known.
    Control(Digest, Option<Cow<'a, (Moment, Control)>>),
    /// Earlier records, or a part of them, were lost at this time.
    Lost(Digest, Moment),
}

/// A login that is under way in a process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pending {
    /// The name of the process.
    pub(super) owner: String,
    /// The number of the login within the process.
    #[serde(default)]
    pub(super) number: u64,
    pub(super) at: Moment,
    /// When the login is over at the latest.
    pub(super) deadline: Moment,
    pub(super) secret: Digest,
    pub(super) bound: Digest,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) met: Option<Met>,
    /// The id of its result.
    pub(super) by: String,
    /// Whether the credential may have left, apart from the notes of its process.
    pub(super) sent: bool,
    pub(super) early: bool,
    pub(super) shown: String,
}

/// What was added to the file since it was last read.
pub(super) struct News {
    /// Whether everything that was read before is void.
    pub(super) anew: bool,
    bytes: Vec<u8>,
}

impl News {
    /// Passes every current record to `take`. Returns true if there are unreadable lines whose loss is not recorded
    /// yet.
    pub(super) fn each(&self, mut take: impl FnMut(Record<'static>)) -> bool {
        let mut garbled = false;
        for line in self.counting().into_iter().rev() {
            match serde_json::from_slice::<Record<'static>>(line) {
                Ok(record) => {
                    garbled &= !matches!(record, Record::Lost(..));
                    take(record);
                }
                Err(_) => garbled |= !is_of_later_version(line),
            }
        }
        garbled
    }

    pub(super) fn is_empty(&self) -> bool {
        lines(&self.bytes).next().is_none()
    }

    /// The current lines, the last one first. Most lines are outdated (opening the ledger of 500 logins to MariaDB took
    /// 1.5 % of their CPU time when all lines were parsed, and takes 1.0 %).
    fn counting(&self) -> Vec<&[u8]> {
        let mut seen = HashSet::new();
        let mut counting: Vec<&[u8]> = lines(&self.bytes).collect();
        counting.reverse();
        counting.retain(|line| key_of(line).is_none_or(|key| seen.insert(key)));
        counting
    }
}

/// The file, and how far it was read.
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    inode: u64,
    position: u64,
    /// The length of the file when it was locked.
    length: u64,
    /// Whether the last line is truncated.
    cut: bool,
    lines: usize,
}

impl Journal {
    /// Opens or creates the file.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = regular::open(path, OpenOptions::new().read(true).append(true).create(true).mode(0o600))?;
        let inode = file.metadata()?.ino();
        Ok(Self { path: path.to_owned(), inode, file, position: 0, length: 0, cut: false, lines: 0 })
    }

    /// Locks the file at the path. Returns false while another process has it locked.
    pub(super) fn try_lock(&mut self) -> io::Result<bool> {
        // Each round locks the file that was at the path when it was last opened.
        for _ in 0..8 {
            match self.file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(false),
                Err(TryLockError::Error(error)) => return Err(error),
            }
            match fs::metadata(&self.path) {
                Ok(there) if there.ino() == self.inode => {
                    self.length = there.len();
                    return self.is_own(&there).map(|()| true);
                }
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
            let lines = self.lines;
            *self = Self { lines, ..Self::open(&self.path)? };
        }
        Ok(false)
    }

    /// Refuses the file at the path before it is first read, unless it is a ledger, and removes the access of other
    /// users.
    fn is_own(&self, there: &Metadata) -> io::Result<()> {
        if self.position > 0 {
            return Ok(());
        }
        let mut start = [0; START];
        let length = self.file.read_at(&mut start, 0)?;
        if length > 0 && !is_start(&start[..length]) {
            return Err(io::Error::other("it is another file than a ledger, and is left as it is"));
        }
        // A rewrite replaces only one of its names.
        if there.nlink() > 1 {
            return Err(io::Error::other("it has several names (hard links): leave it one"));
        }
        if there.permissions().mode() & 0o077 != 0 {
            self.file.set_permissions(fs::Permissions::from_mode(0o600))?;
        }
        Ok(())
    }

    pub(super) fn unlock(&self) {
        // A lock that cannot be released ends with the process.
        drop(self.file.unlock());
    }

    /// Reads what was added since the last time. Must be called right after [`Journal::try_lock`].
    pub(super) fn read(&mut self) -> io::Result<News> {
        let length = self.length;
        let anew = self.position == 0 || length < self.position;
        if anew {
            (self.position, self.cut, self.lines) = (0, false, 0);
        }
        if length > LONGEST {
            return Err(io::Error::other("it is larger than any ledger"));
        }
        let mut bytes = Vec::new();
        if length > self.position {
            self.file.seek(SeekFrom::Start(self.position))?;
            Read::by_ref(&mut self.file).take(length - self.position).read_to_end(&mut bytes)?;
            self.position += bytes.len() as u64;
            self.cut = bytes.last().is_some_and(|last| *last != b'\n');
            self.lines += lines(&bytes).count();
        }
        Ok(News { anew, bytes })
    }

    /// Appends `lines`. Must be called under the lock, after [`Journal::read`].
    pub(super) fn append(&mut self, lines: &mut Lines) -> io::Result<()> {
        if self.cut {
            self.file.write_all(b"\n")?;
            self.position += 1;
        }
        let count = lines.waiting();
        let bytes = lines.made()?;
        self.cut = true;
        self.file.write_all(bytes)?;
        self.cut = false;
        self.position += bytes.len() as u64;
        self.lines += count;
        Ok(())
    }

    /// Checks that there is room for what a run writes, by writing as much. Must be called under the lock.
    ///
    /// # Errors
    ///
    /// Why nothing can be written, for example a full disk.
    pub(super) fn try_out(&self) -> io::Result<()> {
        let length = self.file.metadata()?.len();
        let written = (&self.file).write_all(&[b'\n'; ROOM]);
        // Blank lines that cannot be removed are ignored by readers.
        drop(self.file.set_len(length));
        written
    }

    /// Whether most of its lines are outdated, given the number of `live` keys.
    pub(super) fn is_too_long(&self, live: usize) -> bool {
        let times = if self.position > LONG { 2 } else { 4 };
        self.lines > FEW && self.lines / times > live
    }

    /// Whether the file is empty.
    pub(super) fn is_empty(&self) -> io::Result<bool> {
        Ok(self.file.metadata()?.len() == 0)
    }

    /// Replaces the file with one that holds only `lines`, by way of `draft`, which must not exist. Must be called
    /// under the lock, which passes to the new file.
    pub(super) fn replace(&mut self, lines: &mut Lines, draft: &Path) -> io::Result<()> {
        let mut file = OpenOptions::new().read(true).append(true).create_new(true).mode(0o600).open(draft)?;
        let count = lines.waiting();
        let bytes = lines.made()?;
        let written = file.write_all(bytes).and_then(|()| file.lock()).and_then(|()| fs::rename(draft, &self.path));
        if let Err(error) = written {
            drop(fs::remove_file(draft));
            return Err(error);
        }
        self.inode = file.metadata()?.ino();
        (self.file, self.position, self.cut, self.lines) = (file, bytes.len() as u64, false, count);
        Ok(())
    }
}

/// Whether a file that begins with `start` is a ledger.
#[must_use]
pub fn is_ledger(start: &[u8]) -> bool {
    is_start(&start[..start.len().min(START)])
}

/// Whether `bytes` are the beginning of a ledger: a record up to its key, possibly truncated.
fn is_start(bytes: &[u8]) -> bool {
    let key = |kind: &&str| {
        let rest = bytes.strip_prefix(b"{\"")?.strip_prefix(kind.as_bytes())?.strip_prefix(b"\":")?;
        rest.strip_prefix(b"[").unwrap_or(rest).strip_prefix(b"\"")
    };
    KINDS.iter().filter_map(key).any(|key| key.iter().take(KEY).all(u8::is_ascii_hexdigit))
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
}

/// The kind and the key of the record in `line`. `None` if the line may be incomplete or has no key.
fn key_of(line: &[u8]) -> Option<&[u8]> {
    let list = line.iter().take(LONGEST_KIND).position(|byte| *byte == b'[')?;
    let end = list + KEY + 2;
    let is_key = line.get(list + 1) == Some(&b'"') && line.get(end) == Some(&b'"');
    // After a crash of the machine, parts of a line may be zero bytes, and lines in between may be missing.
    let is_whole = line.ends_with(b"]}") && !line.iter().any(u8::is_ascii_control);
    (is_key && is_whole).then(|| &line[..end])
}

/// Whether an unreadable line is a record of a kind from a later version.
fn is_of_later_version(line: &[u8]) -> bool {
    let record = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(line);
    record.is_ok_and(|record| record.len() == 1 && record.keys().all(|kind| !KINDS.contains(&kind.as_str())))
}
