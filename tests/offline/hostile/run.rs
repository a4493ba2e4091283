//! A run of connprobe, and all that it prints.

use std::process::Output;

use crate::process;

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
    let mut command = process::connprobe(arguments);
    command.current_dir(directory.path()).env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full");
    process::over(&mut command, input)
}
