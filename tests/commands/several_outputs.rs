//! Several outputs of one run: an output that blocks or breaks does not affect the others.

use std::fs::{self, File, OpenOptions};
use std::io::{PipeReader, Read};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::home::Home;

/// The additional time that a busy machine may take after the half second that follows a signal.
const SLACK: Duration = Duration::from_secs(1);

/// The number of definitions; any report of them is larger than a pipe.
const MANY: usize = 1_500;

/// A home with a FIFO, and definitions for a server that sends nothing.
fn prepared() -> (Home, TcpListener) {
    let home = Home::bare();
    assert!(Command::new("mkfifo").arg(home.path("pipe")).status().unwrap().success());
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let of = |number: usize| {
        let definition =
            json!({"conn_type": "postgres", "host": "127.0.0.1", "port": port, "login": format!("u{number}")});
        (format!("c{number}"), definition)
    };
    home.file("all.json", Value::Object((0..MANY).map(of).collect()));
    (home, silent)
}

/// Keeps an output from being written until it is dropped.
enum Held {
    /// The FIFO has no reader.
    Nothing,
    Fifo(#[expect(dead_code, reason = "is there to be open")] File),
    Stdout(#[expect(dead_code, reason = "is there to be open")] PipeReader),
    Both(#[expect(dead_code, reason = "is there to be open")] Box<(Held, Held)>),
}

fn hold(home: &Home, command: &mut Command, what: &str) -> Held {
    match what {
        "unopened" => Held::Nothing,
        "unread" => Held::Fifo(OpenOptions::new().read(true).write(true).open(home.path("pipe")).unwrap()),
        "stdout" => {
            let (reader, writer) = std::io::pipe().unwrap();
            command.stdout(Stdio::from(writer));
            Held::Stdout(reader)
        }
        "both" => Held::Both(Box::new((hold(home, command, "unread"), hold(home, command, "stdout")))),
        other => panic!("{other}"),
    }
}

/// The exit status, the text on standard error, and the time since `begun`.
fn ended(mut child: Child, begun: Instant) -> (Option<i32>, String, Duration) {
    drop(child.stdin.take());
    let status = child.wait().unwrap();
    let took = begun.elapsed();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    (status.code(), said, took)
}

/// The report in `name`, which must be complete.
#[track_caller]
fn whole(home: &Home, name: &str) -> Value {
    let text = fs::read_to_string(home.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    serde_json::from_str(&text).unwrap()
}

#[test]
fn after_a_signal_one_that_takes_nothing_leaves_the_others_whole() {
    for (what, formats, lost) in [
        ("unopened", &["json=pipe", "json=report.json", "table"][..], "`pipe`"),
        ("unopened", &["table", "json=report.json", "ndjson=pipe"], "`pipe`"),
        ("unread", &["json=pipe", "json=report.json", "table"], "`pipe`"),
        ("unread", &["ndjson=pipe", "json=report.json"], "`pipe`"),
        ("stdout", &["table", "json=report.json"], "standard output"),
        ("stdout", &["ndjson", "json=report.json"], "standard output"),
        ("stdout", &["json", "json=report.json"], "standard output"),
        // With two outputs that block, only the files are waited for.
        ("both", &["table", "json=pipe", "json=report.json"], ""),
    ] {
        for (signal, status) in [(Signal::TERM, 143), (Signal::INT, 130)] {
            let (home, silent) = prepared();
            let mut arguments = vec!["check", "all.json", "--timeout", "30s"];
            arguments.extend(formats.iter().flat_map(|format| ["--format", format]));
            let mut command = home.command(&arguments);
            command.stdout(Stdio::null());
            let held = hold(&home, &mut command, what);
            let child = command.spawn().unwrap();
            drop(command);
            thread::sleep(Duration::from_millis(900));
            let begun = Instant::now();
            kill_process(Pid::from_child(&child), signal).unwrap();
            let (code, said, took) = ended(child, begun);
            assert_eq!(code, Some(status), "{what} {formats:?}: {said}");
            assert!(took < Duration::from_millis(500) + SLACK, "{what} {formats:?}: {took:?}");
            assert!(said.contains(lost), "{what} {formats:?}: {said}");
            let report = whole(&home, "report.json");
            assert_eq!(report["ended"], "interrupted", "{what} {formats:?}");
            let read = report["sources"][0]["problem"].is_null();
            // A source that was not read when the signal came has no definitions.
            assert_eq!(report["summary"]["total"], if read { MANY } else { 0 }, "{what} {formats:?}");
            assert!(what == "unopened" || read, "{what} {formats:?}: {}", report["sources"]);
            drop((held, silent));
        }
    }
}

/// The only output cannot be opened: the signal ends the run, and the missing report is reported.
#[test]
fn a_signal_ends_the_waiting_for_the_only_output() {
    let (home, _silent) = prepared();
    let child = home.command(&["check", "all.json", "--format", "json=pipe", "--timeout", "30s"]).spawn().unwrap();
    thread::sleep(Duration::from_millis(500));
    let begun = Instant::now();
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    let (code, said, took) = ended(child, begun);
    assert_eq!(code, Some(143), "{said}");
    assert!(took < Duration::from_millis(500) + SLACK, "{took:?}");
    assert!(said.contains("`pipe`"), "{said}");
}

#[test]
fn one_that_breaks_leaves_the_others_whole() {
    let home = Home::bare();
    let of = |number: usize| (format!("c{number}"), json!({"conn_type": "postgres", "host": "h", "login": "u"}));
    home.file("all.json", Value::Object((0..MANY).map(of).collect()));
    assert!(Command::new("mkfifo").arg(home.path("pipe")).status().unwrap().success());
    for formats in [
        &["json=/dev/full", "json=report.json"][..],
        &["ndjson=/dev/full", "table", "json=report.json"],
        &["json=report.json", "table=/dev/full"],
        // The FIFO is not read within the time limit.
        &["json=pipe", "json=report.json"],
        &["ndjson=pipe", "json=report.json"],
    ] {
        let reader = OpenOptions::new().read(true).write(true).open(home.path("pipe")).unwrap();
        let mut arguments = vec!["check", "all.json", "--dry-run", "--timeout", "500ms"];
        arguments.extend(formats.iter().flat_map(|format| ["--format", format]));
        let said = home.run(&arguments, 4);
        let lost = if formats.iter().any(|format| format.ends_with("pipe")) { "`pipe`" } else { "`/dev/full`" };
        assert!(said.stderr.contains(lost), "{formats:?}: {}", said.stderr);
        assert_eq!(whole(&home, "report.json")["summary"]["total"], MANY, "{formats:?}");
        fs::remove_file(home.path("report.json")).unwrap();
        drop(reader);
    }
}
