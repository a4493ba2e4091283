//! Runs the binary, each time with its own state file and with the given standard input.

use std::io::Write;
use std::process::{Command, Output, Stdio};

/// The binary, with a state file that does not exist yet and without a store.
pub fn connprobe(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_connprobe"));
    command.env("CONNPROBE_STATE", crate::state::anew()).env("XDG_DATA_HOME", "/nonexistent").args(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs `command` with `input` on its standard input.
pub fn over(command: &mut Command, input: &str) -> Output {
    let mut child = command.stdin(Stdio::piped()).spawn().expect("connprobe starts");
    // A command that ends early, for example on a usage error, does not read its input.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    child.wait_with_output().expect("connprobe ends")
}
