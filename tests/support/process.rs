//! Runs of the binary, each with a state file of its own, and with what it is to read on standard input.

use std::io::Write;
use std::process::{Command, Output, Stdio};

/// The binary, with a state file that is not there yet, and without a store of anybody's.
pub fn connprobe(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_connprobe"));
    command.env("CONNPROBE_STATE", crate::state::anew()).env("XDG_DATA_HOME", "/nonexistent").args(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What comes of `command` with `input` on its standard input.
pub fn over(command: &mut Command, input: &str) -> Output {
    let mut child = command.stdin(Stdio::piped()).spawn().expect("connprobe starts");
    // Who ends early, as on a usage error, reads nothing.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    child.wait_with_output().expect("connprobe ends")
}
