//! An output without a reader: whatever is wrong with standard output, every command that writes to it ends with the
//! status for that, reports it on an output that can still be read, and never panics.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::{Ended, Process, connprobe};

/// The exit status of a run that failed.
const BROKEN: i32 = 4;

/// Every command that writes to standard output, with its exit status if the output works.
const COMMANDS: &[(&str, i32)] = &[
    ("check - --format table", 1),
    ("check - --format json", 1),
    ("check - --format ndjson", 1),
    ("check - --dry-run", 0),
    ("check - --dry-run --format json", 0),
    ("list - --format table", 0),
    ("list - --format json", 0),
    ("list - --format ndjson", 0),
    ("types", 0),
    ("types postgres", 0),
    ("explain auth", 0),
    ("explain postgres:28P01", 0),
    ("import - --dry-run", 0),
    ("export", 0),
    ("--help", 0),
    ("check --help", 0),
    ("--version", 0),
];

/// The lines on standard error other than warnings.
fn complaints(ended: &Ended) -> String {
    ended.stderr.split_inclusive('\n').filter(|line| !line.starts_with("warning: ")).collect()
}

/// Definitions for a port without a server.
fn definitions(count: usize) -> String {
    let definition =
        json!({"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "u", "password": "hunter22"});
    (0..count).map(|number| (format!("c{number}"), definition.clone())).collect::<Value>().to_string()
}

/// A home with a store in it.
fn home() -> TempDir {
    let home = tempfile::tempdir().expect("a directory");
    for arguments in ["store init", "import - --keep"] {
        let ended = run(&home, arguments, Stdio::piped(), Stdio::piped());
        assert!(ended.status.success(), "{arguments}: {}", ended.stderr);
    }
    home
}

fn start(home: &TempDir, arguments: &str, count: usize, stdout: Stdio, stderr: Stdio) -> Process {
    let arguments: Vec<&str> = arguments.split(' ').collect();
    let mut command = connprobe(&arguments);
    Process::start(command.env("HOME", home.path()).stdout(stdout).stderr(stderr), definitions(count))
}

fn run(home: &TempDir, arguments: &str, stdout: Stdio, stderr: Stdio) -> Ended {
    start(home, arguments, 3, stdout, stderr).end()
}

fn full() -> Stdio {
    File::options().write(true).open("/dev/full").expect("a device that is always full").into()
}

/// A pipe whose reader is gone.
fn unread() -> Stdio {
    let (_reader, writer) = std::io::pipe().expect("a pipe");
    writer.into()
}

#[test]
fn every_command_writes_to_an_output_that_is_in_order() {
    let home = home();
    for (command, status) in COMMANDS {
        let ended = run(&home, command, Stdio::piped(), Stdio::piped());
        assert_eq!((ended.status.code(), complaints(&ended)), (Some(*status), String::new()), "{command}");
        assert!(!ended.stdout.is_empty(), "{command}");
    }
}

#[test]
fn a_full_output_is_told_and_ends_the_command() {
    let home = home();
    for (command, _) in COMMANDS {
        let ended = run(&home, command, full(), Stdio::piped());
        let said = complaints(&ended);
        assert_eq!((ended.status.code(), said.lines().count()), (Some(BROKEN), 1), "{command}: {said}");
        assert!(said.starts_with("error: "), "{command}: {said}");
    }
}

#[test]
fn a_closed_pipe_ends_the_command_without_a_word() {
    let home = home();
    for (command, _) in COMMANDS {
        let ended = run(&home, command, unread(), Stdio::piped());
        assert_eq!((ended.status.code(), complaints(&ended)), (Some(BROKEN), String::new()), "{command}");
    }
}

#[test]
fn an_output_that_was_never_open_changes_nothing() {
    let home = home();
    let shell = |command: &str| {
        let line = format!("exec \"$0\" {command} >&-");
        let connprobe = connprobe(&[]);
        let mut shell = std::process::Command::new("/bin/sh");
        shell.args(["-c", &line]).arg(connprobe.get_program()).env_clear().env("HOME", home.path());
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Process::start(&mut shell, definitions(3)).end()
    };
    for (command, status) in COMMANDS {
        let ended = shell(command);
        assert_eq!((ended.status.code(), complaints(&ended)), (Some(*status), String::new()), "{command}");
    }
}

#[test]
fn a_reader_that_goes_away_in_the_middle_ends_the_command_without_a_word() {
    let home = home();
    for command in [
        "check - --format table",
        "check - --format json",
        "check - --format ndjson",
        "list -",
        "list - --format json",
        "list - --format ndjson",
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        // The report is larger than a pipe.
        let process = start(&home, command, 2_000, writer.into(), Stdio::piped());
        let mut line = String::new();
        BufReader::with_capacity(64, reader).read_line(&mut line).expect("text");
        let ended = process.end();
        assert!(!line.is_empty(), "{command}");
        assert_eq!((ended.status.code(), complaints(&ended)), (Some(BROKEN), String::new()), "{command}");
    }
}

#[test]
fn complaints_that_nobody_takes_change_no_status() {
    let home = home();
    for stderr in [full, unread] {
        for (command, status) in [("check --what", 2), ("check missing.json", 3), ("explain nonsense", 2)] {
            let ended = run(&home, command, Stdio::piped(), stderr());
            assert_eq!(ended.status.code(), Some(status), "{command}");
        }
        let ended = run(&home, "check -", full(), stderr());
        assert_eq!(ended.status.code(), Some(BROKEN));
    }
}
