//! Where reports and exports go: whole files, readable for their owner alone, and never in the place of what
//! a run reads or owns.

use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, symlink};
use std::os::unix::net::UnixStream;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::home::{Home, said};

const KEY: &str = ".config/connprobe/store.key";
const STORE: &str = ".local/share/connprobe/connections.db";

/// With one stored connection, which nothing answers.
fn filled() -> Home {
    let home = Home::new();
    home.file("c.json", json!({"a": {"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "u"}}));
    home.run(&["import", "c.json"], 0);
    home
}

#[test]
fn nothing_that_a_run_reads_or_owns_is_written_over() {
    let home = filled();
    let airflow = rusqlite::Connection::open(home.path("airflow.db")).unwrap();
    airflow.execute_batch("CREATE TABLE connection (id INTEGER)").unwrap();
    home.file("url", "sqlite:///airflow.db");
    home.file("fernet", "not a key");
    home.file("ca.pem", "-----BEGIN CERTIFICATE-----");
    fs::hard_link(home.path(KEY), home.path("hard")).unwrap();
    fs::hard_link(home.path(STORE), home.path("hard.db")).unwrap();
    symlink(home.path("c.json"), home.path("soft")).unwrap();
    symlink(home.path("nothing"), home.path("dangling")).unwrap();
    home.run(&["state"], 0);
    let wal = format!("{STORE}-wal");
    let new_key = format!("{KEY}.new");
    let sources = ["c.json", "store:", "sqlite:///airflow.db", "url-file:url"];
    for file in [
        "c.json",
        KEY,
        STORE,
        &wal,
        &new_key,
        "hard",
        "hard.db",
        "soft",
        "dangling",
        "airflow.db",
        "url",
        "fernet",
        "ca.pem",
        "accounts",
        "accounts.key",
    ] {
        let before = fs::read(home.path(file)).ok();
        let format = format!("json={file}");
        for command in [&["check", "--format", &format, "--dry-run"][..], &["export", "--output", file]] {
            home.run(&[command, &sources, &["--fernet-key-file", "fernet"]].concat(), 2);
            assert_eq!(fs::read(home.path(file)).ok(), before, "{command:?}");
        }
    }
    assert!(!home.path("nothing").exists() && !home.path(&wal).exists());
    home.run(&["store", "check"], 0);
    for file in ["accounts", "accounts.key"] {
        home.run(&["store", "backup", file], 2);
    }
    // By an option too, and before the ledger is there.
    home.run(&["check", "c.json", "--state", "other", "--format", "json=other"], 2);
    home.run(&["check", "c.json", "--state", "other", "--format", "json=other.key"], 2);
    assert!(!home.path("other").exists());
}

#[test]
fn a_report_is_its_owners_and_whole_whoever_writes_it_too() {
    let home = filled();
    home.file("report.json", "what was there before");
    let children: Vec<_> =
        (0..8).map(|_| home.command(&["check", "c.json", "--format", "json=report.json"]).spawn().unwrap()).collect();
    for child in children {
        assert_eq!(said(child, "").status, 1);
        let report: Value = serde_json::from_str(&fs::read_to_string(home.path("report.json")).unwrap()).unwrap();
        assert_eq!(report["summary"]["total"], 1);
    }
    home.run(&["export", "--output", "export.json"], 0);
    for name in ["report.json", "export.json"] {
        assert_eq!(home.path(name).metadata().unwrap().mode() & 0o7777, 0o600, "{name}");
    }
    let drafts = fs::read_dir(home.path("")).unwrap().filter(|entry| {
        let name = entry.as_ref().unwrap().file_name().into_string().unwrap();
        name.contains("report") || name.contains("export")
    });
    assert_eq!(drafts.count(), 2, "no draft is left");
}

#[test]
fn a_socket_is_no_place_for_secrets() {
    let home = filled();
    let (ours, theirs) = UnixStream::pair().unwrap();
    let mut command = home.command(&["export", "--with-secrets"]);
    let child = command.stdout(Stdio::from(OwnedFd::from(theirs))).spawn().unwrap();
    drop(command);
    let said = said(child, "");
    assert_eq!((said.status, std::io::read_to_string(ours).unwrap().as_str()), (2, ""), "{}", said.stderr);
}
