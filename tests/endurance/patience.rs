//! Time limits of any size, with inputs that supply nothing and outputs that are not read: a run ends in time
//! nevertheless.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

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

/// With a deadline, a run does not wait longer for a reader, even if its unread report is larger than a pipe.
#[test]
fn standard_output_that_nobody_reads_ends_by_the_deadline() {
    let definition: Value = serde_json::from_str(&refused()).expect("JSON");
    let many: Value = (0..2_000).map(|number| (format!("c{number}"), definition["c"].clone())).collect();
    for format in ["table", "json", "ndjson", "junit", "prometheus", "github"] {
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

/// `nohup` starts a process in this way.
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

/// The report is not read; the first signal ends the process nevertheless, by its default action.
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

/// A store in PostgreSQL whose server accepts connections and sends nothing.
#[test]
fn a_frozen_store_ends_by_the_deadline() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
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

/// A pipe that is full.
fn full_pipe() -> (std::io::PipeReader, std::io::PipeWriter) {
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    rustix::io::ioctl_fionbio(&writer, true).expect("a mode");
    for size in [4096, 1] {
        while writer.write(&vec![b'x'; size]).is_ok() {}
    }
    rustix::io::ioctl_fionbio(&writer, false).expect("a mode");
    (reader, writer)
}

/// As with a log collector that hangs: unread messages change neither the time of the end nor the exit status.
#[test]
fn complaints_that_nobody_reads_end_by_the_limit() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("c.json");
    fs::write(&path, refused()).expect("a file");
    // This causes at least one warning.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("a mode");
    let file = path.to_str().expect("UTF-8");
    for (arguments, status) in [
        (vec!["check", file, "--deadline", "500ms", "--format", "json"], 1),
        (vec!["check", "/nowhere/none.json", "--deadline", "500ms"], 3),
        (vec!["list", file, "--timeout", "500ms"], 0),
    ] {
        let (reader, writer) = full_pipe();
        let ended = Process::start(connprobe(&arguments).stderr(Stdio::from(writer)), String::new()).end();
        drop(reader);
        assert_eq!(ended.status.code(), Some(status), "{arguments:?}");
        let began = ended.at.checked_sub(ended.took).expect("it took no longer than the machine is up");
        let most = ended.starved.stretch(Duration::from_millis(500 + 500 + 500), began, ended.at);
        assert!(ended.took < most, "{arguments:?}: {:?}", ended.took);
    }
}

/// Five backends that accept a connection and send nothing until all of them were queried.
#[test]
fn silent_sources_are_waited_for_together() {
    const LIMIT: Duration = Duration::from_secs(10);
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let sources = ["vault:secret/a", "vault:secret/b", "vault:secret/c", "vault:secret/d", "vault:secret/e"];
    let mut command = connprobe(&["check", "-", "--timeout", "10s", "--format", "json"]);
    command.args(sources).env("VAULT_ADDR", address).env("VAULT_TOKEN", "t");
    let process = Process::start(&mut command, refused());
    let began = Instant::now();
    let asked: Vec<_> = sources.iter().map(|_| listener.accept().expect("a connection")).collect();
    assert!(began.elapsed() < LIMIT, "none had to wait for the end of another");
    drop((asked, listener));
    let ended = process.end();
    assert_eq!(ended.status.code(), Some(3), "{}", ended.stderr);
    let report: Value = serde_json::from_str(&ended.stdout).expect("a report");
    let read = report["sources"].as_array().expect("a list");
    let names: Vec<&str> = read.iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, [&["stdin"][..], &sources].concat(), "in the order of the arguments");
    assert_eq!(report["summary"]["total"], 1);
}

/// The child processes of a command that supplies a setting end with the run; otherwise they would continue long after
/// it.
#[test]
fn no_process_of_a_command_outlives_the_run() {
    let directory = tempfile::tempdir().expect("a directory");
    let pids = directory.path().join("pids");
    let script = format!("#!/bin/sh\nsleep 600 & echo $! $$ > {}\nsleep 600\n", pids.display());
    let program = directory.path().join("command");
    fs::write(&program, script).expect("a file");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).expect("a mode");
    for (limits, signal) in [(["--deadline", "700ms"], None), (["--timeout", "30s"], Some(Signal::TERM))] {
        drop(fs::remove_file(&pids));
        let mut command = connprobe(&["check", "airflow:", "--allow-commands"]);
        command.args(limits).env("PATH", "/usr/bin:/bin").env("AIRFLOW_HOME", directory.path());
        command.env("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD", &program);
        let process = Process::start(&mut command, String::new());
        let written = || fs::read_to_string(&pids).unwrap_or_default();
        while !written().ends_with('\n') {
            thread::sleep(Duration::from_millis(5));
        }
        if let Some(signal) = signal {
            send(process.id(), signal);
        }
        let ended = process.end();
        let expected = signal.map_or(3, |signal| 128 + signal.as_raw());
        assert_eq!(ended.status.code(), Some(expected), "{}", ended.stderr);
        for pid in written().split_whitespace() {
            let state = || fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            // The process was killed, but its new parent may not have reaped it yet.
            let is_gone = || state().is_empty() || state().contains(") Z ");
            let since = Instant::now();
            while !is_gone() {
                assert!(since.elapsed() < Duration::from_secs(5), "{limits:?}: {}", state());
                thread::sleep(Duration::from_millis(5));
            }
        }
    }
}
