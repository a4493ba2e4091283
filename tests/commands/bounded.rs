//! The waits before and after the logins, for the store and for the ledger: `--deadline` bounds them, and a signal ends
//! them.

use std::fs::File;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use rustix::fs::{CWD, FileType, Mode, mknodat};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::home::Home;
use crate::peers::Peer;

/// The additional time that a busy machine may take.
const SLACK: Duration = Duration::from_millis(1500);
const STORE: &str = ".local/share/connprobe/connections.db";

/// Runs `arguments` with `--deadline 1s`: it ends in time, with `status`.
#[track_caller]
fn ends_in_time(home: &Home, arguments: &[&str], status: i32) {
    let begun = Instant::now();
    home.run(&[arguments, &["--deadline", "1s"]].concat(), status);
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(1) + SLACK, "{arguments:?}: {took:?}");
}

const ADD: [&str; 8] = ["add", "b", "--conn-type", "postgres", "--host", "127.0.0.1", "--no-password", "--login=u"];

#[test]
fn a_store_that_another_process_keeps_is_waited_for_until_the_deadline() {
    let home = Home::new();
    home.file("a.json", json!({"a": {"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "u"}}));
    for lock in ["BEGIN IMMEDIATE", "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE"] {
        let store = rusqlite::Connection::open(home.path(STORE)).unwrap();
        store.execute_batch(lock).unwrap();
        // If the store cannot even be read, the command has no source.
        let status = if lock.starts_with("PRAGMA") { 3 } else { 4 };
        for arguments in [&ADD[..], &["import", "a.json"], &["import", "a.json", "--partial"]] {
            ends_in_time(&home, arguments, status);
        }
    }
}

#[test]
fn a_server_that_says_nothing_is_waited_for_until_the_deadline() {
    let home = Home::bare();
    home.file("a.json", json!({"a": {"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "u"}}));
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let store = format!("postgresql://u@127.0.0.1:{}/d?sslmode=disable", server.local_addr().unwrap().port());
    for arguments in [&ADD[..], &["import", "a.json"], &["import", "a.json", "--check"]] {
        ends_in_time(&home, &[arguments, &["--store", &store]].concat(), 3);
    }
}

#[test]
fn a_signal_while_the_ledger_is_locked_leaves_a_complete_report() {
    let home = Home::bare();
    let of = |login: &str| json!({"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": login});
    home.file("all.json", json!({"a": of("a"), "b": of("b")}));
    let check = ["check", "all.json", "--format", "json", "--format", "json=report.json"];
    home.run(&check, 1);
    let ledger = File::open(home.path("accounts")).unwrap();
    ledger.lock().unwrap();
    for (signal, status) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        std::fs::remove_file(home.path("report.json")).unwrap();
        let child = home.command(&check).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(700));
        let begun = Instant::now();
        kill_process(Pid::from_child(&child), signal).unwrap();
        let said = crate::home::said(child, "");
        assert!(begun.elapsed() < Duration::from_millis(500) + SLACK);
        assert_eq!(said.status, status, "{said:?}");
        let report: Value = serde_json::from_str(&said.stdout).unwrap();
        let results = report["results"].as_array().unwrap();
        assert_eq!(results.len(), 2);
        assert!(results.iter().all(|one| one["class"] == "cancelled" && one["attempts"] == 0), "{report:#}");
        let written: Value = serde_json::from_slice(&std::fs::read(home.path("report.json")).unwrap()).unwrap();
        assert_eq!(written["results"], report["results"]);
    }
}

#[test]
fn a_report_of_an_import_that_nobody_reads_ends_with_the_deadline() {
    let home = Home::new();
    let of = |number: usize| (format!("c{number}"), json!({"conn_type": "postgres", "host": "h", "login": "u"}));
    home.file("all.json", Value::Object((0..3000).map(of).collect()));
    let begun = Instant::now();
    let import = ["import", "all.json", "--dry-run", "--format", "json", "--deadline", "2s"];
    let mut child = home.command(&import).spawn().unwrap();
    let unread = child.stdout.take();
    child.wait().unwrap();
    drop(unread);
    assert!(begun.elapsed() < Duration::from_secs(2) + SLACK, "{:?}", begun.elapsed());
}

#[test]
fn a_source_that_hangs_leaves_time_for_the_others() {
    let home = Home::bare();
    let peer = Peer::new();
    let good =
        json!({"conn_type": "postgres", "host": "127.0.0.1", "port": peer.port, "login": "good", "password": "CANARY"});
    home.file("good.json", json!({"good": good}));
    mknodat(CWD, home.path("hangs.json"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    let check = ["check", "hangs.json", "good.json", "--deadline", "3s", "--format", "json"];
    let report = home.json(&check, 3);
    assert_eq!(report["results"][0]["status"], "ok", "{report:#}");
}
