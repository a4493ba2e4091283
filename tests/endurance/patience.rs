//! Limits of any size, and places that take or give nothing: a run ends in time all the same.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::crowd::{definitions, input, silent};
use crate::process::{Process, connprobe, send};

/// A definition that is refused at once.
fn refused() -> String {
    json!({"c": {"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "u", "password": "hunter22"}})
        .to_string()
}

fn pipe(directory: &TempDir) -> PathBuf {
    let path = directory.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&path).status().expect("mkfifo").success());
    path
}

#[test]
fn limits_and_stacks_of_any_size_break_nothing() {
    let mssql = json!({"c": {"conn_type": "mssql", "host": "127.0.0.1", "port": 1, "login": "u", "password": "hunter22",
        "extra": {"timeout": 9.3e18, "login_timeout": 1e300}}});
    for (arguments, definition) in [
        (vec!["--timeout", "18446744073709551615s"], refused()),
        (vec!["--deadline", "18446744073709551615s"], refused()),
        (vec!["--timeout", "100000000000years", "--deadline", "100000000000years"], refused()),
        (vec![], mssql.to_string()),
    ] {
        let mut command = connprobe(&["check", "-", "--format", "json"]);
        let ended = Process::start(command.args(&arguments).env("RUST_MIN_STACK", "1"), definition).end();
        assert_eq!((ended.status.code(), ended.stderr.as_str()), (Some(1), ""), "{arguments:?}");
        let report: Value = serde_json::from_str(&ended.stdout).expect("a report");
        assert_eq!(report["results"][0]["class"], "unreachable", "{report:#}");
    }
}

#[test]
fn a_report_that_nobody_reads_ends_by_the_limit() {
    let directory = tempfile::tempdir().expect("a directory");
    let argument = format!("json={}", pipe(&directory).display());
    for limits in [["--timeout", "200ms"], ["--deadline", "200ms"]] {
        let ended = Process::start(connprobe(&["check", "-", "--format", &argument]).args(limits), refused()).end();
        assert_eq!(ended.status.code(), Some(2), "{}", ended.stderr);
        assert!(
            ended.took
                < ended.starved.stretch(Duration::from_secs(1), ended.at.checked_sub(ended.took).unwrap(), ended.at),
            "{:?}",
            ended.took
        );
    }
}

/// Whoever gives a deadline waits no longer for who reads: a report larger than a pipe holds, which nobody takes.
#[test]
fn standard_output_that_nobody_reads_ends_by_the_deadline() {
    let definition: Value = serde_json::from_str(&refused()).expect("JSON");
    let many: Value = (0..2_000).map(|number| (format!("c{number}"), definition["c"].clone())).collect();
    for format in ["table", "json", "ndjson"] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        let mut command = connprobe(&["check", "-", "--format", format, "--deadline", "500ms"]);
        let ended = Process::start(command.stdout(Stdio::from(writer)), many.to_string()).end();
        drop(reader);
        assert_eq!(ended.status.code(), Some(4), "{format}: {}", ended.stderr);
        let most = Duration::from_millis(500 + 500 + 500);
        let most = ended.starved.stretch(most, ended.at.checked_sub(ended.took).unwrap(), ended.at);
        assert!(ended.took < most, "{format}: {:?}", ended.took);
    }
}

#[test]
fn a_source_that_gives_nothing_ends_by_the_deadline() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = pipe(&directory);
    let argument = format!("json:{}", path.display());
    let ended = Process::start(&mut connprobe(&["check", &argument, "--deadline", "200ms"]), String::new()).end();
    assert_eq!(ended.status.code(), Some(3), "{}", ended.stderr);
    assert!(
        ended.took < ended.starved.stretch(Duration::from_secs(1), ended.at.checked_sub(ended.took).unwrap(), ended.at),
        "{:?}",
        ended.took
    );
    drop(fs::remove_file(path));
}

/// As `nohup` starts it.
#[test]
fn who_ignores_a_signal_at_the_start_goes_on_ignoring_it() {
    let servers = silent();
    let definitions = definitions(2, &servers);
    let shell = "trap '' HUP; exec \"$0\" check - --timeout 600ms";
    let mut command = Command::new("/bin/sh");
    command.args(["-c", shell]).arg(connprobe(&[]).get_program()).env_clear();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let process = Process::start(&mut command, input(&definitions));
    process.wait_until_it_logs_in();
    send(process.id(), Signal::HUP);
    assert_eq!(process.end().status.code(), Some(1));
}

/// Nobody takes the report: the first signal ends the process all the same, by its default action.
#[test]
fn one_signal_is_enough() {
    let servers = silent();
    let definitions = definitions(1_000, &servers);
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let mut command = connprobe(&["check", "-", "--format", "json", "--timeout", "30s"]);
        let (reader, writer) = std::io::pipe().expect("a pipe");
        let process = Process::start(command.stdout(Stdio::from(writer)), input(&definitions));
        process.wait_until_it_logs_in();
        thread::sleep(Duration::from_millis(50));
        let at = send(process.id(), signal);
        let ended = process.end();
        drop(reader);
        assert_eq!(ended.status.signal(), Some(signal.as_raw()), "{}", ended.status);
        let (took, most) = (ended.at - at, ended.starved.stretch(Duration::from_millis(500), at, ended.at));
        assert!(took <= most, "gone after {took:?}, with {most:?} allowed");
    }
}

/// A store in PostgreSQL whose server accepts connections and says nothing.
#[test]
fn a_frozen_store_ends_by_the_deadline() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let directory = tempfile::tempdir().expect("a directory");
    let url = directory.path().join("url");
    fs::write(&url, format!("postgresql://keeper:hunter22@127.0.0.1:{port}/store?sslmode=disable")).expect("a file");
    fs::set_permissions(&url, fs::Permissions::from_mode(0o600)).expect("a mode");
    let store = format!("url-file:{}", url.display());
    let mut command = connprobe(&["check", "store:", "--store", &store, "--deadline", "300ms"]);
    let ended = Process::start(&mut command, String::new()).end();
    assert!(listener.accept().is_ok(), "the server was asked");
    assert_eq!(ended.status.code(), Some(3), "{}", ended.stderr);
    assert!(!ended.stderr.contains("hunter22"), "{}", ended.stderr);
    let began = ended.at.checked_sub(ended.took).expect("it took no longer than the machine is up");
    let most = ended.starved.stretch(Duration::from_secs(1), began, ended.at);
    assert!(ended.took < most, "{:?}", ended.took);
}
