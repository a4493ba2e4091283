//! A run of connprobe, and all that it prints.

use std::io::Write;
use std::process::{Command, Output, Stdio};

/// Everything that a run over `input` prints.
pub fn printed(arguments: &[&str], input: &str) -> String {
    let output = ran(arguments, input);
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

/// What it prints on standard output.
pub fn stdout(arguments: &[&str], input: &str) -> String {
    String::from_utf8(ran(arguments, input).stdout).unwrap()
}

fn ran(arguments: &[&str], input: &str) -> Output {
    // What a command makes of an odd argument goes where nobody looks.
    let directory = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_connprobe"))
        .env("CONNPROBE_STATE", crate::state::anew())
        .args(arguments)
        .current_dir(directory.path())
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "full")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A usage error reads nothing.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    child.wait_with_output().unwrap()
}
