//! The name of a unix socket without a file, in Linux's abstract namespace (unix(7)): a path that begins with a NUL.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};

/// A unique name; the kernel releases it together with the socket.
pub(super) struct Name(PathBuf);

impl Name {
    /// A new random name.
    #[expect(clippy::unnecessary_wraps, reason = "where there are no such names, a directory is made")]
    pub(super) fn new() -> io::Result<Self> {
        let random = RandomState::new();
        Ok(Self(format!("\0connprobe-{:016x}{:016x}", random.hash_one(0), random.hash_one(1)).into()))
    }

    pub(super) fn socket(&self) -> &Path {
        &self.0
    }
}
