//! The peak memory of a process, as counted by the kernel: exact even for a process that ends at once.
//!
//! The process is started by GNU time (the package `time`), because the kernel includes the memory that the parent had
//! when it started the process. GNU time is small, while a test is larger than the program under test.

use std::ffi::OsStr;
use std::fs;
use std::process::Command;

use tempfile::NamedTempFile;

/// The file that GNU time writes its report to.
pub struct Report(NamedTempFile);

impl Report {
    pub fn new() -> Self {
        Self(NamedTempFile::new().unwrap())
    }

    /// A command that runs `program` and writes the report.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("time");
        command.args(["--quiet", "--format=%M", "--output"]).arg(self.0.path()).arg(program);
        command
    }

    /// The peak memory in bytes, after the process has ended.
    pub fn peak(&self) -> u64 {
        let text = fs::read_to_string(self.0.path()).unwrap();
        let kibibytes: u64 = text.trim().parse().unwrap_or_else(|_| panic!("GNU time reports `{text}`"));
        kibibytes * 1024
    }
}

/// The process that the GNU time process `id` has started.
pub fn started_by(id: u32) -> Option<u32> {
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).ok()?;
    children.split_whitespace().next()?.parse().ok()
}
