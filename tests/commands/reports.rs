//! The reports for machines, through the binary: their files, several at once, and the exit status of a plugin. What they
//! contain is in `tests/offline/reports.rs`; their own validators read them in `tests/reports`.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::MetadataExt;
use std::process::Command;

use serde_json::{Value, json};

use crate::home::{Home, said};
use crate::peers::Peer;

/// Every format that a file can have, but for the table.
const FORMATS: [&str; 7] = ["json", "ndjson", "junit", "prometheus", "openmetrics", "nagios", "github"];

fn definition(port: u16, login: &str) -> Value {
    json!({"conn_type": "postgres", "host": "127.0.0.1", "port": port, "schema": "sales", "login": login,
        "password": "CANARY1", "extra": {"sslmode": "disable"}})
}

/// A port that nothing listens at.
fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

#[test]
fn each_report_has_its_file_and_those_for_a_collector_may_be_read_by_it() {
    let (home, peer) = (Home::bare(), Peer::new());
    home.file("all.json", json!({"good": definition(peer.port, "good"), "down": definition(free_port(), "etl")}));
    fs::create_dir(home.path("out")).unwrap();
    let files = FORMATS.map(|format| format!("{format}=out/{format}"));
    for (command, status) in
        [(&["check", "all.json"][..], 1), (&["wait", "all.json", "--deadline", "300ms", "--state", "none"], 124)]
    {
        for format in FORMATS {
            fs::write(home.path("out").join(format), "what was there before").unwrap();
        }
        // A mask that hides all from others does not hide it from the collector.
        let mut shell = Command::new("sh");
        shell.args(["-c", "umask 077; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_connprobe")]).args(command);
        shell.args(files.iter().flat_map(|file| ["--format", file]));
        shell.current_dir(home.path("")).env_clear().env("HOME", home.path("")).env("PATH", "/usr/bin:/bin");
        shell.env("CONNPROBE_STATE", home.path("accounts")).stdin(std::process::Stdio::piped());
        shell.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let said = said(shell.spawn().unwrap(), "");
        assert_eq!(said.status, status, "{said:?}");
        assert_eq!(fs::read_dir(home.path("out")).unwrap().count(), FORMATS.len(), "no draft is left");
        for format in FORMATS {
            let path = home.path("out").join(format);
            let mode = if ["prometheus", "openmetrics"].contains(&format) { 0o644 } else { 0o600 };
            assert_eq!(path.metadata().unwrap().mode() & 0o7777, mode, "{format}");
            let text = fs::read_to_string(path).unwrap();
            assert!(text.contains("down") && !text.contains("CANARY") && text.ends_with('\n'), "{format}: {text}");
        }
    }
}

#[test]
fn a_file_that_cannot_be_made_ends_the_run_before_its_first_login() {
    let (home, peer) = (Home::bare(), Peer::new());
    home.file("all.json", json!({"good": definition(peer.port, "good")}));
    for format in FORMATS {
        home.run(&["check", "all.json", "--format", &format!("{format}=nowhere/report")], 2);
        // Nor is what the run reads written over.
        home.run(&["check", "all.json", "--format", &format!("{format}=all.json")], 2);
    }
    assert_eq!(peer.logins(), 0);
}

#[test]
fn a_plugin_ends_with_the_state_that_it_prints() {
    let (home, peer, down) = (Home::bare(), Peer::new(), free_port());
    home.file("good.json", json!({"warehouse": definition(peer.port, "good")}));
    home.file("down.json", json!({"late": definition(down, "etl")}));
    home.file("odd.json", json!({"odd": {"conn_type": "postgres", "host": "h", "port": "x"}}));
    home.file("spark.json", json!({"jobs": {"conn_type": "spark", "host": "h"}}));
    let plugin = ["--format", "nagios", "--state", "none"];
    for (arguments, status) in [
        (&["check", "good.json"][..], 0),
        (&["check", "good.json", "-w", "60", "-c", "120"], 0),
        (&["check", "good.json", "-w", "0"], 1),
        (&["check", "good.json", "-w", "0", "-c", "0"], 2),
        (&["check", "good.json", "--warning=-1:60", "--critical=@60:"], 0),
        (&["check", "good.json", "down.json"], 2),
        (&["check", "good.json", "odd.json"], 3),
        (&["check", "spark.json"], 3),
        (&["check", "spark.json", "--allow-empty"], 0),
        (&["check", "good.json", "missing.json"], 3),
        (&["check", "down.json", "missing.json"], 2),
        (&["check", "missing.json"], 3),
        (&["wait", "good.json"], 0),
        (&["wait", "down.json", "--deadline", "300ms"], 2),
        (&["wait", "down.json", "--invert"], 0),
        (&["wait", "good.json", "missing.json"], 3),
        // What keeps the plugin from its report.
        (&["check", "good.json", "-w", "x"], 3),
        (&["check", "good.json", "--no-such-option"], 3),
        (&["check", "good.json", "--tls-ca", "missing.pem"], 3),
        (&["check", "good.json", "--format", "json"], 3),
        (&["check", "good.json", "good.json"], 3),
    ] {
        let said = home.run(&[arguments, &plugin].concat(), status);
        let word = ["OK", "WARNING", "CRITICAL", "UNKNOWN"][usize::try_from(status).unwrap()];
        let first = said.stdout.lines().next().unwrap_or_default();
        assert_eq!(first.split([' ', ':']).nth(1), Some(word), "{arguments:?}: {said:?}");
        assert_eq!(said.stdout.matches("LOGIN ").count(), 1, "{arguments:?}: {said:?}");
    }
    // A command that runs afterwards has a status of its own.
    let ready = ["wait", "good.json", "--format", "nagios", "--state", "none", "--"];
    home.run(&[&ready[..], &["sh", "-c", "exit 7"]].concat(), 7);
    home.run(&[&ready[..], &["no-such-command"]].concat(), 127);
    // In a file it is a report like the others.
    home.run(&["check", "down.json", "--state", "none", "--format", "nagios=plugin.txt"], 1);
    assert!(fs::read_to_string(home.path("plugin.txt")).unwrap().starts_with("LOGIN CRITICAL: "));
}

#[test]
fn ranges_are_for_a_plugin_and_the_list_has_no_report() {
    let home = Home::bare();
    home.file("all.json", json!({"down": definition(1, "etl")}));
    for arguments in [
        &["check", "all.json", "-w", "1"][..],
        &["check", "all.json", "-c", "1", "--format", "json"],
        &["wait", "all.json", "-w", "1"],
        &["list", "all.json", "--format", "junit"],
    ] {
        home.run(arguments, 2);
    }
}

/// In a job of GitHub Actions, files are named from the root of the repository, wherever the command runs.
#[test]
fn annotations_name_the_file_from_the_root_of_the_repository() {
    let home = Home::bare();
    fs::create_dir(home.path("deploy")).unwrap();
    home.file("deploy/all.json", "{\n  \"odd\": {\"conn_type\": \"postgres\", \"host\": \"h\", \"port\": \"x\"}\n}");
    let root = fs::canonicalize(home.path("")).unwrap();
    for (source, workspace, expected) in [
        ("all.json", Some(&root), "::error file=deploy/all.json,line=2,title=odd%3A definition ("),
        ("all.json", None, "::error file=all.json,line=2,title=odd%3A definition ("),
        ("label=all.json", None, "::error file=all.json,line=2,title=odd%3A definition ("),
        ("missing.json", Some(&root), "::error file=deploy/missing.json,title=missing.json%3A not_found::"),
    ] {
        let mut command = home.command(&["check", source, "--dry-run", "--format", "github"]);
        command.current_dir(root.join("deploy"));
        if let Some(workspace) = workspace {
            command.env("GITHUB_WORKSPACE", workspace);
        }
        let said = said(command.spawn().unwrap(), "");
        assert!(said.stdout.lines().any(|line| line.starts_with(expected)), "{source}: {said:?}");
        assert!(said.stdout.lines().all(|line| line.starts_with("::")), "{source}: {said:?}");
    }
}
