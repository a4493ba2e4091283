//! The most memory that a process had, as the kernel counted it: exact however soon the process was
//! gone.
//!
//! By way of GNU time (the package `time`), which is small: for the kernel, a process has also had
//! what the one had that started it, up to its first instruction, and a test is larger than what it
//! tests.

use std::ffi::OsStr;
use std::fs;
use std::process::Command;

use tempfile::NamedTempFile;

/// Where GNU time writes what it is told.
pub struct Report(NamedTempFile);

impl Report {
    pub fn new() -> Self {
        Self(NamedTempFile::new().unwrap())
    }

    /// What starts `program`, and reports of it.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("time");
        command.args(["--quiet", "--format=%M", "--output"]).arg(self.0.path()).arg(program);
        command
    }

    /// In bytes, once it is over.
    pub fn peak(&self) -> u64 {
        let text = fs::read_to_string(self.0.path()).unwrap();
        let kibibytes: u64 = text.trim().parse().unwrap_or_else(|_| panic!("GNU time reports `{text}`"));
        kibibytes * 1024
    }
}

/// What process `id`, which is GNU time, has started.
pub fn started_by(id: u32) -> Option<u32> {
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).ok()?;
    children.split_whitespace().next()?.parse().ok()
}
