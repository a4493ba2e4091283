//! The outputs that are searched.

use std::collections::HashMap;
use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use super::definitions::Canaries;
use super::random::Random;
use super::search::Search;
use crate::process::{Process, connprobe};

/// The minimum number of checks.
const CHECKS: usize = 100_000;

/// Runs `arguments` over the definitions. Returns everything that it prints, and what the kernel shows of the process
/// to other users.
fn printed(canaries: &Canaries, home: &TempDir, arguments: &str, level: &str) -> String {
    let arguments: Vec<&str> = arguments.split(' ').collect();
    let mut command = connprobe(&arguments);
    command.env("HOME", home.path()).current_dir(home.path()).env("RUST_LOG", level).env("RUST_BACKTRACE", "full");
    let process = Process::start(&mut command, canaries.input());
    let shown = shown_to_others(process.id());
    let ended = process.end();
    assert!(ended.status.code().is_some(), "{arguments:?}: {}", ended.status);
    format!("{}{}{shown}", ended.stdout, ended.stderr)
}

/// Its command line, environment, and thread names.
fn shown_to_others(id: u32) -> String {
    ["cmdline", "environ", "comm", "status"]
        .into_iter()
        .map(|file| String::from_utf8_lossy(&fs::read(format!("/proc/{id}/{file}")).unwrap_or_default()).into_owned())
        .collect()
}

#[test]
fn no_secret_is_in_any_output() {
    let mut random = Random::new();
    let canaries = Canaries::new(2, &mut random);
    let home = tempfile::tempdir().expect("a directory");
    let mut search = Search::of(canaries.secrets.values().map(String::as_str));
    let login = "--timeout 20s --per-host 64";
    for level in ["off", "trace"] {
        for format in ["table", "json", "ndjson", "junit", "prometheus", "openmetrics", "nagios", "github"] {
            let commands = match (format, level) {
                ("table" | "json" | "ndjson", _) => &["check -", "check - --dry-run", "list -"][..],
                (_, "off") => &["check -"],
                _ => &[],
            };
            for command in commands.iter().copied() {
                let login = if command == "check -" { login } else { "--timeout 20s" };
                let arguments = format!("{command} {login} --format {format}");
                let output = printed(&canaries, &home, &arguments, level);
                search.nothing_in(&arguments, &output);
                if arguments.starts_with("check - --timeout") && format == "json" {
                    short_ones_are_withheld(&canaries, &output);
                }
            }
        }
    }
    for arguments in [
        "store init",
        "import - --dry-run",
        "import - --check --timeout 20s --per-host 64",
        "import - --replace",
        "check --format json --timeout 20s --per-host 64",
        "list --format json",
        "export",
        "export --format yaml",
        "export --format env",
        "add one --uri-file bad.uri",
        "add one --conn-type postgres --host 127.0.0.1 --no-password --extra-file bad.uri",
        "remove c00000",
        "store rotate-key",
        "explain auth",
        "types",
    ] {
        let secret = canaries.secrets.values().max_by_key(|secret| secret.len()).expect("many");
        fs::write(home.path().join("bad.uri"), format!("postgres://u:{secret}@h:x/{secret}")).expect("a file");
        let output = printed(&canaries, &home, arguments, "trace");
        search.nothing_in(arguments, &output);
    }
    fs::remove_file(home.path().join("bad.uri")).expect("it is there");
    let stored = files_below(home.path());
    assert!(stored.len() > 100_000, "the store is there");
    let sealed = canaries.secrets.iter().filter(|(number, _)| **number < canaries.misplaced);
    Search::of(sealed.map(|(_, secret)| secret.as_str())).nothing_in("the store", &stored);
    println!("{} checks, of {} secrets", search.checks, canaries.secrets.len());
    assert!(search.checks >= CHECKS, "{}", search.checks);
}

/// The bytes of all files, including the write-ahead log.
fn files_below(directory: &std::path::Path) -> String {
    let mut bytes = Vec::new();
    for entry in fs::read_dir(directory).expect("a directory").flatten() {
        if entry.path().is_dir() {
            bytes.extend(files_below(&entry.path()).into_bytes());
        } else {
            bytes.extend(fs::read(entry.path()).expect("a file"));
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A server's text that contains a secret under four bytes verbatim is dropped whole.
fn short_ones_are_withheld(canaries: &Canaries, output: &str) {
    let end = output.rfind("\n}").expect("a document") + 2;
    let report: Value = serde_json::from_str(&output[..end]).expect("a document");
    let by_name: HashMap<&str, &Value> = report["results"]
        .as_array()
        .expect("results")
        .iter()
        .map(|result| (result["conn_id"].as_str().expect("a name"), result))
        .collect();
    let short = canaries.secrets.iter().filter(|(_, secret)| secret.len() < 4);
    let mut seen = 0;
    for (number, secret) in short {
        let result = by_name[format!("c{number:05}").as_str()];
        if result["attempts"] == 1 {
            seen += 1;
            let told = result["detail"].as_str().is_some_and(|detail| detail.contains(secret.as_str()));
            assert!(!told, "{result}");
        }
    }
    assert!(seen > 5, "{seen}");
}
