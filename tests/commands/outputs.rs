//! The destinations of reports and exports: complete files, readable only for their owner, and never in the place of a
//! file that a run reads or owns.

use std::fs;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::home::{Home, said};

const KEY: &str = ".config/connprobe/store.key";
const STORE: &str = ".local/share/connprobe/connections.db";

/// A home with one stored connection, whose server does not answer.
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
    // The same for a ledger that an option names, even before it exists.
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

/// Neither file belongs to this run: they are recognised by their content.
#[test]
fn another_ledger_and_its_key_are_not_written_over() {
    let home = filled();
    home.run(&["check", "c.json", "--state", "other"], 1);
    home.file("text", "thirty-two letters of plain text");
    for file in ["other", "other.key"] {
        fs::set_permissions(home.path(file), fs::Permissions::from_mode(0o600)).unwrap();
        let before = fs::read(home.path(file)).unwrap();
        assert!(!before.is_empty());
        let format = format!("json={file}");
        for command in [
            &["check", "c.json", "--format", &format, "--dry-run"][..],
            &["export", "--output", file],
            &["export", "--with-secrets", "--output", file],
            &["store", "backup", file],
        ] {
            home.run(command, 2);
            assert_eq!(fs::read(home.path(file)).unwrap(), before, "{command:?}");
        }
    }
    home.run(&["export", "--output", "text"], 0);
    // A copy of the store may replace an earlier copy, but not a key.
    home.run(&["store", "backup", "copy.db"], 0);
    home.run(&["store", "backup", "copy.db"], 0);
    home.run(&["store", "init", "--store", "d/s.db", "--key-file", "d/k"], 0);
    home.run(&["store", "backup", "d/k"], 2);
    // Nor may it replace any other file with content.
    fs::write(home.path("foreign.db"), [b"SQLite format 3\0".as_slice(), &[0; 84]].concat()).unwrap();
    home.file("connections.json", r#"{"a": "postgres://e:x@127.0.0.1:1/d"}"#);
    home.file("empty", "");
    for (file, status) in [("connections.json", 2), ("text", 2), ("foreign.db", 2), ("empty", 0)] {
        fs::set_permissions(home.path(file), fs::Permissions::from_mode(0o600)).unwrap();
        let before = fs::read(home.path(file)).unwrap();
        home.run(&["store", "backup", file], status);
        assert_eq!(fs::read(home.path(file)).unwrap() == before, status == 2, "{file}");
    }
}

#[test]
fn a_pipe_that_nobody_reads_is_given_up() {
    let home = filled();
    assert!(Command::new("mkfifo").arg(home.path("pipe")).status().unwrap().success());
    home.run(&["export", "--output", "pipe", "--timeout", "200ms"], 4);
    let mut reader = Command::new("cat").arg(home.path("pipe")).stdout(Stdio::piped()).spawn().unwrap();
    home.run(&["export", "--output", "pipe"], 0);
    let mut text = String::new();
    reader.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(reader.wait().unwrap().success());
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["a"]["conn_type"], "postgres");
}

/// The size of files is limited: the signal that a longer write causes does not end the process.
#[test]
fn a_limit_of_files_sizes_is_said_and_leaves_no_draft() {
    let home = filled();
    let all = (0..200).map(|n| (format!("c{n}"), json!({"conn_type": "postgres", "host": "h", "login": "u"})));
    home.file("many.json", Value::Object(all.collect()));
    let before = fs::read_dir(home.path("")).unwrap().count();
    for arguments in [
        &["check", "many.json", "--dry-run", "--format", "json=report.json"][..],
        &["export", "many.json", "--output", "export.json"],
    ] {
        let binary = env!("CARGO_BIN_EXE_connprobe");
        let mut shell = Command::new("sh");
        shell.args(["-c", "ulimit -f 2; exec \"$0\" \"$@\""]).arg(binary).args(arguments);
        shell.current_dir(home.path("")).env_clear().env("HOME", home.path("")).env("PATH", "/usr/bin:/bin");
        shell.env("CONNPROBE_STATE", home.path("accounts"));
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let said = said(shell.spawn().unwrap(), "");
        assert_eq!(said.status, 4, "{arguments:?}: {}", said.stderr);
        assert_eq!(fs::read_dir(home.path("")).unwrap().count(), before, "{arguments:?}");
    }
}

#[test]
fn a_source_that_everybody_may_read_is_named() {
    let home = Home::bare();
    home.file("a.json", json!({"a": {"conn_type": "mysql", "host": "h", "login": "u", "password": "CANARYpw"}}));
    home.file("b.json", json!({"b": {"conn_type": "mysql", "host": "h", "login": "u"}}));
    for (mode, codes) in [(0o644, &["world_readable_file"][..]), (0o640, &[])] {
        for file in ["a.json", "b.json"] {
            fs::set_permissions(home.path(file), fs::Permissions::from_mode(mode)).unwrap();
        }
        let report = home.json(&["check", "a.json", "b.json", "--dry-run", "--format", "json"], 0);
        let warned = |source: usize| -> Vec<&str> {
            let warnings = report["sources"][source]["warnings"].as_array().unwrap();
            warnings.iter().filter_map(|warning| warning["code"].as_str()).collect()
        };
        assert_eq!((warned(0), warned(1)), (codes.to_vec(), Vec::new()), "{mode:o}");
    }
}
