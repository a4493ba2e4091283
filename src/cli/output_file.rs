//! Files that a command writes. Each appears under its name when it is complete, only its owner can read it unless it is
//! made for others, and it never replaces a file that the run reads or owns. This module also decides which open file or pipe is private enough
//! for secrets.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::file_name;
use crate::engine::ledger::{is_key_of_ledger, is_ledger};
use crate::model::os_error::in_words;
use crate::source::holds_password;
use crate::store::files_of;

/// The permission bits of users other than the owner.
const OTHERS: u32 = 0o077;

/// The first bytes of files that no command of connprobe replaces with its output.
const PRECIOUS: [(&[u8], &str); 6] = [
    (b"SQLite format 3\0", "it is a SQLite database"),
    // The files that SQLite keeps beside a database (its file format, 3 and 4.1, and walformat.html, 2.1): the
    // write-ahead log (in either byte order), the rollback journal, and the index of the log.
    (b"\x37\x7f\x06\x82", PART_OF_A_DATABASE),
    (b"\x37\x7f\x06\x83", PART_OF_A_DATABASE),
    (b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", PART_OF_A_DATABASE),
    (&3_007_000_u32.to_ne_bytes(), PART_OF_A_DATABASE),
    (b"connprobe store key", "it is a key of connprobe's"),
];

const PART_OF_A_DATABASE: &str = "it is a part of a SQLite database";

/// The beginning of a certificate or key, on a line of its own. Bundles have comments before the first one.
const PEM: &[u8] = b"-----BEGIN ";

/// The number of bytes that are searched for a certificate or key.
const LOOKED_THROUGH: u64 = 64 << 10;

/// Why secrets must not be written to `out`, as a lower-case fragment; `None` if they may.
pub(super) fn exposure(out: &impl AsFd) -> Option<String> {
    let metadata = match out.as_fd().try_clone_to_owned().map(File::from).and_then(|file| file.metadata()) {
        Ok(metadata) => metadata,
        Err(error) => return Some(format!("it cannot be examined: {}", in_words(&error))),
    };
    let kind = metadata.file_type();
    if kind.is_file() || kind.is_fifo() {
        exposed(&metadata)
    } else if kind.is_socket() {
        // The socket of a system service leads into the journal.
        Some("it is a socket, and nothing tells who reads from it".to_owned())
    } else {
        Some("it is a terminal, or another device".to_owned())
    }
}

fn is_own(metadata: &Metadata) -> bool {
    metadata.uid() == rustix::process::geteuid().as_raw()
}

fn exposed(metadata: &Metadata) -> Option<String> {
    let mode = metadata.mode() & 0o7777;
    if !is_own(metadata) {
        Some("it belongs to another user".to_owned())
    } else if mode & OTHERS != 0 {
        Some(format!("others can use it (mode {mode:04o})"))
    } else {
        None
    }
}

/// The files that nothing is written to: the files that the run reads or owns, and its other outputs.
#[derive(Clone, Default)]
pub(super) struct Taken {
    /// Files that exist, by device and inode, whatever their names.
    files: Vec<(u64, u64)>,
    /// The other files, by name.
    names: Vec<PathBuf>,
}

impl Taken {
    pub(super) fn of(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        let mut taken = Self::default();
        paths.into_iter().for_each(|path| taken.add(&path));
        taken
    }

    pub(super) fn join(&mut self, other: Self) {
        self.files.extend(other.files);
        self.names.extend(other.names);
    }

    fn add(&mut self, path: &Path) {
        match path.metadata() {
            Ok(metadata) => self.files.push(identity(&metadata)),
            Err(_absent) => self.names.push(resolved(path)),
        }
    }

    fn holds(&self, path: &Path) -> bool {
        match path.metadata() {
            Ok(metadata) => metadata.is_file() && self.files.contains(&identity(&metadata)),
            Err(_absent) => self.names.contains(&resolved(path)),
        }
    }
}

/// The identity of a file, independent of its name.
fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

/// `path` with its directory resolved, if the directory exists.
fn resolved(path: &Path) -> PathBuf {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (directory.canonicalize(), path.file_name()) {
        (Ok(directory), Some(name)) => directory.join(name),
        _ => path.to_owned(),
    }
}

/// The kind of file at an output's path.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A file that is created, or replaced as a whole.
    File,
    /// A pipe or device, which is written to directly.
    Stream,
}

/// Everyone who can list the directory could read the password.
const PASSWORD: &str = "its name holds a password";

/// The user probably meant standard output, not a file of this name.
const STANDARD: &str = "elsewhere it stands for standard output; a file of that name is ./-";

fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The kind of file that an output at `path` would be, or why it is refused, as a lower-case fragment. An output with
/// `secrets` replaces private files only.
pub(super) fn judge(path: &Path, taken: &mut Taken, secrets: bool) -> Result<Target, String> {
    if holds_password(&path.to_string_lossy()) {
        return Err(PASSWORD.to_owned());
    }
    if is_standard(path) {
        return Err(STANDARD.to_owned());
    }
    let found = match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(in_words(&error)),
        Ok(metadata) => Some(metadata),
    };
    if taken.holds(path) {
        return Err("it is a SOURCE or a file of connprobe's own, or another output goes there".to_owned());
    }
    let target = match found {
        None => Target::File,
        Some(metadata) if secrets && !metadata.is_file() => return Err("it is no regular file".to_owned()),
        Some(metadata) if metadata.is_symlink() => match path.metadata() {
            // For example `/dev/stdout`, which leads to a terminal or a pipe.
            Ok(metadata) if is_stream(&metadata) => Target::Stream,
            _ => return Err("it is a symbolic link: name the file itself".to_owned()),
        },
        Some(metadata) if metadata.is_dir() => return Err("it is a directory".to_owned()),
        Some(metadata) if is_stream(&metadata) => Target::Stream,
        Some(metadata) if !metadata.is_file() => return Err("it is no regular file".to_owned()),
        Some(metadata) => {
            if let Some(why) = precious(path) {
                return Err(why.to_owned());
            }
            if let (true, Some(how)) = (secrets, exposed(&metadata)) {
                return Err(how);
            }
            Target::File
        }
    };
    if target == Target::File {
        taken.add(path);
    }
    Ok(target)
}

/// Like [`judge`], for a copy of the store and the files that SQLite keeps beside it. The store itself decides which
/// file is an earlier copy of it.
pub(super) fn judge_copy(path: &Path, taken: &Taken) -> Result<(), String> {
    if holds_password(&path.to_string_lossy()) {
        return Err(PASSWORD.to_owned());
    }
    if is_standard(path) {
        return Err(STANDARD.to_owned());
    }
    if let Some(file) = files_of(path).iter().find(|file| taken.holds(file)) {
        let own = "a file of the store itself, its key or a ledger";
        return Err(if file == path {
            format!("it is {own}")
        } else {
            format!("`{}`, which SQLite would take for a part of the copy, is {own}", file_name::shown(file))
        });
    }
    match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(in_words(&error)),
        Ok(metadata) if !metadata.is_file() => Err("it is no regular file".to_owned()),
        // An empty file has no content to lose.
        Ok(metadata) if metadata.len() == 0 && is_own(&metadata) => Ok(()),
        Ok(metadata) => exposed(&metadata).map_or(Ok(()), Err),
    }
}

fn is_stream(metadata: &Metadata) -> bool {
    metadata.file_type().is_fifo() || metadata.file_type().is_char_device()
}

/// Why the content of the file forbids replacing it. A file that cannot be read belongs to another user.
fn precious(path: &Path) -> Option<&'static str> {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LOOKED_THROUGH).read_to_end(&mut start));
    if read.is_err() {
        return Some("it cannot be read");
    }
    let known = PRECIOUS.iter().find(|(magic, _)| start.starts_with(magic)).map(|(_, why)| *why);
    let pem = || start.split(|byte| *byte == b'\n').any(|line| line.starts_with(PEM));
    known
        .or_else(|| is_ledger(&start).then_some("it is a ledger of connprobe's"))
        .or_else(|| is_key_of_ledger(&start).then_some("it may be the key of a ledger"))
        .or_else(|| pem().then_some("it holds a certificate or a key"))
}

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Readers {
    Owner,
    /// For a program that runs as another user. Its content must tell nothing but names and classes.
    Everyone,
}

/// A file that appears under its name when it is complete.
pub(super) struct OutputFile {
    path: PathBuf,
    draft: PathBuf,
    out: BufWriter<File>,
    kept: bool,
}

impl OutputFile {
    /// Begins a draft of the file `path`, which was judged before. The mask of the process (`umask`) does not apply.
    pub(super) fn new(path: &Path, readers: Readers) -> io::Result<Self> {
        let name = path.file_name().ok_or(io::ErrorKind::IsADirectory)?;
        let mut draft = std::ffi::OsString::from(".");
        draft.push(name);
        draft.push(format!(".{}.{}", std::process::id(), crate::clock::now().as_nanosecond()));
        let draft = path.with_file_name(draft);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        if readers == Readers::Everyone {
            file.set_permissions(fs::Permissions::from_mode(0o644))?;
        }
        Ok(Self { path: path.to_owned(), draft, out: BufWriter::new(file), kept: false })
    }

    /// Returns another handle for writing, which must be flushed before [`OutputFile::keep`].
    pub(super) fn writer(&self) -> io::Result<File> {
        self.out.get_ref().try_clone()
    }

    /// Renames the draft to its final name; it replaces any file or link of that name.
    pub(super) fn keep(mut self) -> io::Result<()> {
        self.out.flush()?;
        self.out.get_ref().sync_all()?;
        fs::rename(&self.draft, &self.path)?;
        self.kept = true;
        Ok(())
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Drop for OutputFile {
    fn drop(&mut self) {
        if !self.kept {
            // A draft that cannot be removed stays.
            drop(fs::remove_file(&self.draft));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixStream;

    use super::*;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().mode() & 0o7777
    }

    #[test]
    fn secrets_go_to_a_new_file_a_private_one_or_a_pipe() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        let judge = |path: &Path| judge(path, &mut Taken::default(), true);
        assert_eq!(judge(&at("new")), Ok(Target::File));
        for (bits, fine) in [(0o600, true), (0o400, true), (0o644, false), (0o604, false), (0o660, false)] {
            fs::write(at("file"), "").unwrap();
            fs::set_permissions(at("file"), fs::Permissions::from_mode(bits)).unwrap();
            assert_eq!(judge(&at("file")).is_ok(), fine, "{bits:o}");
            assert_eq!(exposure(&File::open(at("file")).unwrap()).is_none(), fine, "{bits:o}");
            fs::remove_file(at("file")).unwrap();
        }
        symlink(at("new"), at("link")).unwrap();
        assert!(judge(&at("link")).is_err());
        assert!(judge(home.path()).is_err());
        assert!(exposure(&File::open("/dev/zero").unwrap()).is_some());
        let (_reader, writer) = io::pipe().unwrap();
        assert_eq!(exposure(&writer), None);
        let (_reader, writer) = UnixStream::pair().unwrap();
        assert!(exposure(&writer).is_some());
    }

    #[test]
    fn what_the_run_reads_or_owns_stays_under_each_of_its_names() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        fs::create_dir(at("directory")).unwrap();
        symlink(at("directory"), at("way")).unwrap();
        fs::write(at("own"), "").unwrap();
        fs::hard_link(at("own"), at("hard")).unwrap();
        symlink(at("own"), at("soft")).unwrap();
        symlink(at("nothing"), at("dangling")).unwrap();
        fs::write(at("database"), "SQLite format 3\0…").unwrap();
        fs::write(at("pem"), "-----BEGIN PRIVATE KEY-----").unwrap();
        fs::write(at("bundle"), "# Issuer: CN=x\r\n-----BEGIN CERTIFICATE-----\r\n").unwrap();
        for (name, magic) in [("wal", b"\x37\x7f\x06\x82"), ("other-wal", b"\x37\x7f\x06\x83")] {
            fs::write(at(name), magic).unwrap();
        }
        fs::write(at("journal"), b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7\0").unwrap();
        fs::write(at("pem.json"), r#"{"message": "-----BEGIN PRIVATE KEY-----"}"#).unwrap();
        fs::write(at("old.json"), "{}").unwrap();
        let mut taken = Taken::of([at("own"), at("directory/absent-wal")]);
        for (name, target) in [
            ("own", None),
            ("hard", None),
            ("soft", None),
            ("directory/absent-wal", None),
            ("way/absent-wal", None),
            ("way/../directory/absent-wal", None),
            ("dangling", None),
            ("database", None),
            ("pem", None),
            ("bundle", None),
            ("wal", None),
            ("other-wal", None),
            ("journal", None),
            ("pem.json", Some(Target::File)),
            ("directory", None),
            ("old.json", Some(Target::File)),
            ("old.json", None),
            ("new.json", Some(Target::File)),
            ("new.json", None),
        ] {
            assert_eq!(judge(&at(name), &mut taken, false).ok(), target, "{name}");
        }
        assert_eq!(judge(Path::new("/dev/null"), &mut taken, false), Ok(Target::Stream));
    }

    #[test]
    fn it_appears_when_it_is_whole_and_only_then() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("all.json");
        fs::write(&path, "old").unwrap();
        let mut dropped = OutputFile::new(&path, Readers::Owner).unwrap();
        dropped.write_all(b"half").unwrap();
        drop(dropped);
        assert_eq!((fs::read_to_string(&path).unwrap(), fs::read_dir(home.path()).unwrap().count()), ("old".into(), 1));
        for (readers, bits) in [(Readers::Owner, 0o600), (Readers::Everyone, 0o644)] {
            let mut file = OutputFile::new(&path, readers).unwrap();
            file.write_all(b"new").unwrap();
            file.keep().unwrap();
            assert_eq!((fs::read_to_string(&path).unwrap(), mode(&path)), ("new".into(), bits));
        }
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    }
}
