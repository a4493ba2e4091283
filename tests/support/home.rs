//! A home directory for one test, in which connprobe runs.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::snapshot;

/// Part of every secret here; must never be printed.
pub const CANARY: &str = "CANARY";

pub struct Home(TempDir);

/// How a command ended, and what it printed.
#[derive(Debug)]
pub struct Said {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Home {
    /// A home without a store.
    pub fn bare() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A home with a store and its key.
    pub fn new() -> Self {
        let home = Self::bare();
        home.run(&["store", "init"], 0);
        home
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file, which commands in this home find by its name.
    #[expect(clippy::needless_pass_by_value, reason = "a text or a JSON value, as it is made")]
    pub fn file(&self, name: &str, text: impl ToString) {
        fs::write(self.path(name), text.to_string()).unwrap();
    }

    /// A command that is ready to run in this home, with no other environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_connprobe"));
        command.args(arguments).current_dir(self.0.path()).env_clear().env("HOME", self.0.path());
        command.env("CONNPROBE_STATE", self.0.path().join("accounts"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command that must end with `status` and must not print a secret.
    #[track_caller]
    pub fn run(&self, arguments: &[&str], status: i32) -> Said {
        self.run_with(arguments, "", status)
    }

    /// The same, with `input` on standard input.
    #[track_caller]
    pub fn run_with(&self, arguments: &[&str], input: &str, status: i32) -> Said {
        let said = said(self.command(arguments).spawn().unwrap(), input);
        let shown = format!("connprobe {arguments:?}\n{}{}", said.stdout, said.stderr);
        assert_eq!(said.status, status, "{shown}");
        assert!(!said.stdout.contains(CANARY) && !said.stderr.contains(CANARY), "{shown}");
        said
    }

    /// The same for a command that prints JSON.
    #[track_caller]
    pub fn json(&self, arguments: &[&str], status: i32) -> Value {
        serde_json::from_str(&self.run(arguments, status).stdout).unwrap()
    }

    /// Compares the output of a command with the snapshot `name`. Paths in the home directory begin with `~`.
    #[track_caller]
    pub fn hold(&self, name: &str, printed: &str) {
        snapshot::hold("commands.txt", name, &printed.replace(&self.0.path().display().to_string(), "~"));
    }

    /// All stored definitions by name, secrets included. Definitions with the same name are a list.
    #[track_caller]
    pub fn stored(&self) -> BTreeMap<String, Value> {
        let said = said(self.command(&["export", "--with-secrets"]).spawn().unwrap(), "");
        assert_eq!(said.status, 0, "{said:?}");
        serde_json::from_str(&said.stdout).unwrap()
    }
}

/// Waits for a command that gets `input`.
pub fn said(mut child: Child, input: &str) -> Said {
    // A command that ends early on a usage error does not read its input.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    Said {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}
