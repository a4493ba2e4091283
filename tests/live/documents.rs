//! Tests the blocks of README and of the documents that show a command with its output: each command runs and must
//! print what is shown. The test servers take the place of the example servers of `make demo`. Times, dates, ids and
//! versions may differ.
//!
//! `UPDATE_SNAPSHOTS=1` writes the output into the documents.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::cases::server;

/// The ports of the example servers, and which test server stands in for each.
const PORTS: [(&str, &str); 8] = [
    ("25432", "PG_PORT"),
    ("23306", "MYSQL_PORT"),
    ("23307", "MARIADB_PORT"),
    ("21433", "SQLSERVER_ON_PORT"),
    ("27117", "MONGODB_PORT"),
    ("26380", "REDIS_PORT"),
    ("29000", "S3_PORT"),
    ("28080", "WEB_PORT"),
];

/// The documents. Their commands run in this order with one home directory.
const DOCUMENTS: [&str; 5] = ["README.md", "docs/guide.md", "docs/usage.md", "docs/store.md", "docs/reports.md"];

/// Stands for omitted lines.
const LEFT_OUT: &str = "…\n";

fn directory(home: &Path) {
    fs::create_dir(home.join("fixtures")).unwrap();
    let mut text = fs::read_to_string("fixtures/connections.json").unwrap();
    for (example, key) in PORTS {
        text = text.replace(example, &server(key));
    }
    // The example SQL Server's password for `sa`. On the test server, `sa` has the password `right`.
    let text = text.replace("Connprobe-Demo-1", "right");
    let file = home.join("fixtures/connections.json");
    fs::write(&file, text).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
}

/// The output of `command` in `home`, with the example servers in place of the test servers.
fn printed(home: &Path, command: &str) -> String {
    let script = format!("connprobe() {{ \"$CONNPROBE\" \"$@\"; }}\n{command}");
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(home)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("CONNPROBE", env!("CARGO_BIN_EXE_connprobe"))
        .env("HOME", home)
        .env("CONNPROBE_STATE", "none")
        .output()
        .unwrap();
    let mut text = String::from_utf8(output.stdout).unwrap().replace(home.to_str().unwrap(), "/home/you");
    for (example, key) in PORTS {
        text = text.replace(&server(key), example);
    }
    text
}

/// `key="0.021"`, `'time'=0.021s;;;0` and `value="2026-11-22T09:31:00.123Z"/>` without what differs from run to run.
fn assignment(word: &str) -> Option<String> {
    let (key, value) = word.split_once('=')?;
    let bare = value.split(';').next()?.trim_matches(['"', '/', '>', 's']);
    let is_number = bare.contains('.') && bare.parse::<f64>().is_ok();
    (is_number || is_moment(bare)).then(|| format!("{key}=_"))
}

fn is_moment(word: &str) -> bool {
    word.len() > 19 && word.ends_with('Z') && word.as_bytes()[10] == b'T'
}

/// `text` without the parts that differ from run to run.
fn masked(text: &str) -> Vec<String> {
    let mask = |line: &str| {
        let mut words: Vec<String> = Vec::new();
        for word in line.split_whitespace() {
            let bare = word.trim_matches(['"', ',']);
            let is_number = bare.contains('.') && bare.parse::<f64>().is_ok();
            let is_id = bare.len() == 16 && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
            if ["ms", "s"].contains(&bare) {
                // The number before the unit.
                words.pop();
            }
            let masked = (is_number || is_id || is_moment(bare)).then(|| "_".to_owned());
            words.push(masked.or_else(|| assignment(word)).unwrap_or_else(|| word.to_owned()));
        }
        if words.first().is_some_and(|key| key == "\"version\":") {
            words.truncate(1);
        }
        words.join(" ")
    };
    text.lines().map(mask).filter(|line| !line.is_empty()).collect()
}

/// Whether `printed` is what a document shows.
fn agree(shown: &str, printed: &str) -> bool {
    let printed = masked(printed);
    match shown.strip_prefix(LEFT_OUT) {
        Some(end) => printed.ends_with(&masked(end)),
        None => masked(shown) == printed,
    }
}

#[test]
fn what_documents_show_is_what_commands_print() {
    let update = std::env::var_os("UPDATE_SNAPSHOTS").is_some();
    let home = tempfile::tempdir().unwrap();
    directory(home.path());
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for document in DOCUMENTS {
        let mut text = fs::read_to_string(document).unwrap();
        let before = text.clone();
        for block in before.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next()) {
            let Some((command, shown)) = block.strip_prefix("$ ").and_then(|block| block.split_once('\n')) else {
                continue;
            };
            // A block without output only shows what to type.
            if shown.is_empty() || shown.starts_with("$ ") {
                continue;
            }
            compared += 1;
            let printed = printed(home.path(), command);
            if agree(shown, &printed) {
                continue;
            }
            // Lines that were omitted at the beginning stay omitted.
            let begins = shown.strip_prefix(LEFT_OUT).and_then(|rest| rest.lines().next());
            let new = match begins.map(|line| printed.find(line)) {
                None => Some(printed.clone()),
                Some(at) => at.map(|at| format!("{LEFT_OUT}{}", &printed[at..])),
            };
            if let Some(new) = new.filter(|_| update) {
                text = text.replace(block, &format!("$ {command}\n{new}"));
            } else {
                wrong.push(format!("{document}: $ {command}\n--- shown\n{shown}--- printed\n{printed}"));
            }
        }
        if text != before {
            fs::write(document, text).unwrap();
        }
    }
    assert!(compared >= 8, "only {compared} blocks were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
