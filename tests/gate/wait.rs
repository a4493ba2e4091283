//! A run of `connprobe wait`, with a command behind it that leaves a line for each time that it ran.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// The exit status of the command, which no part of connprobe has.
pub const HANDED_ON: i32 = 77;

/// Definitions, and the memory of the waits for them.
pub struct Home(TempDir);

/// A wait that goes on.
pub struct Wait<'a> {
    home: &'a Home,
    child: Child,
}

/// A wait that has ended.
#[derive(Debug)]
pub struct Ended {
    pub status: i32,
    pub stdout: String,
    /// How often the command has run in this home.
    pub runs: usize,
    /// Why the wait ended.
    pub why: Value,
    /// The results by name.
    pub results: Value,
    stderr: String,
}

impl Home {
    pub fn of(definitions: &Value) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        let file = home.path("all.json");
        fs::write(&file, definitions.to_string()).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// How often the command has run.
    pub fn runs(&self) -> usize {
        fs::read_to_string(self.path("runs")).unwrap_or_default().lines().count()
    }

    /// Starts a wait with a command that only ends.
    pub fn wait(&self, arguments: &[&str]) -> Wait<'_> {
        self.wait_for(arguments, "")
    }

    /// Starts a wait with a shell script as its command.
    pub fn wait_for(&self, arguments: &[&str], suite: &str) -> Wait<'_> {
        let file = |name: &str| File::create(self.path(name)).unwrap();
        let command = format!("echo ran >>runs\n{suite}\nexit {HANDED_ON}");
        let mut connprobe = Command::new(env!("CARGO_BIN_EXE_connprobe"));
        connprobe.args(["wait", "all.json", "--format", "json=report.json"]).args(arguments);
        connprobe.args(["--", "bash", "-c", &command]).current_dir(self.0.path());
        connprobe.env("CONNPROBE_STATE", self.path("state"));
        let child = connprobe.stdin(Stdio::null()).stdout(file("stdout")).stderr(file("stderr")).spawn().unwrap();
        Wait { home: self, child }
    }
}

impl Wait<'_> {
    /// The number of lines that it has printed about a connection: one for each change of its state.
    pub fn told(&self, name: &str) -> usize {
        fs::read_to_string(self.home.path("stderr")).unwrap().lines().filter(|line| line.starts_with(name)).count()
    }

    /// Waits for its end, which may not be a signal.
    pub fn end(mut self) -> Ended {
        let status = self.child.wait().unwrap().code().unwrap();
        let text = |name: &str| fs::read_to_string(self.home.path(name)).unwrap();
        let (stdout, stderr) = (text("stdout"), text("stderr"));
        let report: Value = serde_json::from_str(&text("report.json")).unwrap_or_else(|_| panic!("{stderr}"));
        for printed in [&stdout, &stderr, &report.to_string()] {
            assert!(!printed.contains("CANARY"), "{printed}");
        }
        let results = report["results"].as_array().unwrap().iter();
        let results = results.map(|result| (result["conn_id"].as_str().unwrap().to_owned(), result.clone())).collect();
        Ended { status, stdout, runs: self.home.runs(), why: report["ended"].clone(), results, stderr }
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        // It has ended, unless its test failed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Ended {
    /// Asserts that everything got ready and that the command ran once, with its own exit status.
    #[track_caller]
    pub fn is_ready(&self) {
        assert_eq!((self.status, self.runs, &self.why), (HANDED_ON, 1, &json!("complete")), "{}", self.shown());
        for result in self.results.as_object().unwrap().values() {
            assert_eq!(result["status"], "ok", "{}", self.shown());
            assert!(result["waited"]["ready_seconds"].is_number(), "{}", self.shown());
        }
    }

    /// Asserts that the wait ended with `status`, and that the command did not run.
    #[track_caller]
    pub fn is_not_ready(&self, status: i32) {
        assert_eq!((self.status, self.runs), (status, 0), "{}", self.shown());
    }

    /// The reasons that the attempts at a connection met, in their order.
    pub fn met(&self, name: &str) -> Vec<&str> {
        let spent = self.results[name]["waited"]["spent"].as_array().unwrap();
        spent.iter().map(|spent| spent["reason"].as_str().unwrap()).collect()
    }

    /// What was printed and reported, for a person.
    pub fn shown(&self) -> String {
        format!("{}\n{}\n{:#}", self.stdout, self.stderr, self.results)
    }
}
