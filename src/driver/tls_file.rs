//! Certificates and keys that a definition names: a path, or the PEM itself.
//!
//! Any regular file up to 1 MiB may be read. Every other file gives the same error, so that a definition cannot be used
//! to find out which files exist.

use std::fmt;
use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::model::failure::Failure;
use crate::model::fingerprint::Fingerprint;
use crate::model::phase::Phase;
use crate::model::reason::{Field, Policy, ReasonCode};
use crate::model::secret::Secret;
use crate::net::tls::{self, Part};

/// The largest file that is read.
const LIMIT: u64 = 1 << 20;

/// PEM text, or the path of a file with it.
#[derive(Debug)]
pub enum TlsFile {
    /// The definition holds the text itself.
    Inline {
        /// The extra that holds it.
        field: &'static str,
        /// The text.
        text: Secret,
    },
    /// The definition names a file.
    Path {
        /// The extra that names it.
        field: &'static str,
        /// The path; a relative one starts from the definition's directory.
        path: PathBuf,
    },
}

impl TlsFile {
    /// The file or text that the extra `field` gives as `text`; relative paths start from `directory`.
    #[must_use]
    pub fn new(field: &'static str, text: String, directory: Option<&Path>) -> Self {
        if text.contains("-----BEGIN") {
            return Self::Inline { field, text: Secret::new(text) };
        }
        let path = PathBuf::from(text);
        let path = match directory {
            Some(directory) if path.is_relative() => directory.join(path),
            _ => path,
        };
        Self::Path { field, path }
    }

    /// The extra that holds or names it.
    #[must_use]
    pub fn field(&self) -> Field {
        match self {
            Self::Inline { field, .. } | Self::Path { field, .. } => Field::extra(field),
        }
    }

    /// The identity of its content.
    #[must_use]
    pub fn identity(&self) -> Identity {
        match self {
            Self::Inline { text, .. } => Identity::of_text(text),
            Self::Path { path, .. } => Identity::At(path.clone()),
        }
    }

    /// The PEM text.
    ///
    /// # Errors
    ///
    /// The same `policy` failure for anything but a readable regular file of up to 1 MiB.
    pub fn read(&self) -> Result<Secret, Failure> {
        match self {
            Self::Inline { text, .. } => Ok(Secret::new(text.expose().to_owned())),
            Self::Path { field, path } => {
                read_regular(path).ok_or_else(|| Failure::of(Policy::FileUnusable { extra: (*field).to_owned() }))
            }
        }
    }
}

/// Adds to the `failure` of a handshake its phase, and the extra at fault if the cause is one that the definition
/// names: its authorities, the client's certificate, or the key. One file may hold both of the latter.
pub fn blame(
    mut failure: Failure,
    ca: Option<&TlsFile>,
    certificate: Option<&TlsFile>,
    key: Option<&TlsFile>,
) -> Failure {
    if failure.reason != ReasonCode::BadCertificate {
        return failure;
    }
    let text = |file: Option<&TlsFile>| file.and_then(|file| file.read().ok());
    let (authorities, certificates, own) = (text(ca), text(certificate), text(key));
    let at_fault = match tls::part_at_fault(authorities.as_ref(), certificates.as_ref(), own.as_ref()) {
        Part::Authorities => [ca, None],
        Part::Certificate => [certificate, None],
        Part::Key => [key, None],
        Part::Pair => [certificate, key],
    };
    failure.point_at(at_fault.into_iter().flatten().map(TlsFile::field));
    failure.at(Phase::Tls)
}

/// The identity of a certificate or key: its content, wherever it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The digest of its text.
    Content(String),
    /// The file with the content, which was not read yet.
    At(PathBuf),
}

impl Identity {
    fn of_text(text: &Secret) -> Self {
        Self::Content(Fingerprint::of(&[text.expose().trim()]).id())
    }

    /// The identity of the content of the file at `path`, if it can be read.
    #[must_use]
    pub fn of_file(path: &Path) -> Option<Self> {
        read_regular(path).as_ref().map(Self::of_text)
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Content(digest) => f.write_str(digest),
            Self::At(path) => path.display().fmt(f),
        }
    }
}

/// The text of a readable regular file of up to 1 MiB. Opening any other kind of file does not block.
#[must_use]
pub fn read_regular(path: &Path) -> Option<Secret> {
    // Non-blocking, so that opening a FIFO without a writer returns.
    let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).ok()?;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).ok()?;
    let metadata = file.metadata().ok()?;
    if !metadata.is_file() || metadata.len() > LIMIT {
        return None;
    }
    let mut text = String::new();
    file.take(LIMIT + 1).read_to_string(&mut text).ok()?;
    (text.len() as u64 <= LIMIT).then(|| Secret::new(text))
}
