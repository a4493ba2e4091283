//! Runs connprobe and returns its output.

use std::process::Output;

use crate::process;

/// The formats of `command`.
pub fn formats(command: &str) -> &'static [&'static str] {
    match command {
        "list" => &["table", "json", "ndjson"],
        _ => &["table", "json", "ndjson", "junit", "prometheus", "openmetrics", "nagios", "github"],
    }
}

/// Everything that a run over `input` prints, on stdout and stderr.
pub fn printed(arguments: &[&str], input: &str) -> String {
    let output = ran(arguments, input);
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

/// What a run prints on standard output.
pub fn stdout(arguments: &[&str], input: &str) -> String {
    String::from_utf8(ran(arguments, input).stdout).unwrap()
}

fn ran(arguments: &[&str], input: &str) -> Output {
    // Files that a command creates because of an odd argument end up in a temporary directory.
    let directory = tempfile::tempdir().unwrap();
    let mut command = process::connprobe(arguments);
    command.current_dir(directory.path()).env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full");
    process::over(&mut command, input)
}
