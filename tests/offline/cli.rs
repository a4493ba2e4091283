//! The command line from the user's view: what goes to stdout and stderr, and the exit status.

use crate::hostile::run::formats;
use crate::{process, snapshot};
use std::fs;
use std::process::Output;

use serde_json::Value;

/// Runs connprobe with `arguments` and with `input` on standard input.
fn connprobe(arguments: &[&str], input: &str) -> Output {
    process::over(&mut process::connprobe(arguments), input)
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

const REFUSED: &str = r#"{
  "a": {"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "u", "password": "hunter2hunter2"},
  "b": {"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "v", "password": "hunter2hunter2"},
  "c": {"conn_type": "mysql", "host": "127.0.0.1", "port": "x", "login": "v", "password": "hunter2hunter2"},
  "d": {"conn_type": "spark", "host": "www.example.com", "password": "hunter2hunter2"}
}"#;

#[test]
fn exit_statuses_say_what_happened() {
    for (arguments, input, status) in [
        (&["--help"][..], "", 0),
        (&["check", "--help"], "", 0),
        (&["--version"], "", 0),
        (&["types"], "", 0),
        (&["types", "Postgres"], "", 0),
        (&["types", "postgras"], "", 2),
        (&["explain", "auth"], "", 0),
        (&["explain", "28P01"], "", 0),
        (&["explain", "postgres:00000"], "", 0),
        (&["explain", "mysql:1045"], "", 0),
        (&["explain", "NoSuchKey"], "", 0),
        (&["explain", "s3:requesttimeout"], "", 0),
        (&["explain", "mysql:NoSuchKey"], "", 2),
        (&["explain", "pgbouncer"], "", 0),
        (&["explain", "nonsense"], "", 2),
        (&[], "", 2),
        (&["check"], "", 3),
        (&["check", "--store", "postgresql://u:p@h/d"], "", 3),
        (&["check", "-", "--concurrency", "0"], "{}", 2),
        (&["check", "-", "--timeout", "0s"], "{}", 2),
        (&["check", "-", "--format", "yaml"], "{}", 2),
        (&["check", "-", "--format", "json", "--format", "table"], "{}", 2),
        (&["check", "-", "--format", "json=/nonexistent/report.json"], "{}", 2),
        (&["check", "-", "--tls-ca", "/nonexistent/ca.pem"], "{}", 2),
        (&["check", "-", "--tls-ca", "/dev/zero"], "{}", 2),
        (&["check", "-", "-"], REFUSED, 2),
        (&["check", "-"], REFUSED, 1),
        (&["check", "-", "--select", "d"], REFUSED, 3),
        (&["check", "-", "--select", "d", "--strict"], REFUSED, 1),
        (&["check", "-", "--select", "nobody"], REFUSED, 3),
        (&["check", "-", "--select", "nobody", "--allow-empty"], REFUSED, 0),
        (&["check", "-", "--dry-run", "--select", "a"], REFUSED, 0),
        (&["check", "-"], "{}", 3),
        (&["check", "-", "--allow-empty"], "{}", 0),
        (&["check", "-"], "{not json", 3),
        (&["check", "/nonexistent.json"], "", 3),
        (&["check", "-", "/nonexistent.json"], REFUSED, 3),
        (&["list", "-"], REFUSED, 0),
    ] {
        let output = connprobe(arguments, input);
        assert_eq!(
            output.status.code(),
            Some(status),
            "connprobe {arguments:?}\n{}{}",
            stdout(&output),
            stderr(&output)
        );
    }
}

#[test]
fn where_no_source_can_be_read_nothing_is_counted() {
    for arguments in [&["check", "/nonexistent/c.json"][..], &["check", "store:"], &["check", "env:"]] {
        let output = connprobe(arguments, "");
        assert_eq!((stdout(&output), output.status.code()), ("", Some(3)), "{arguments:?}");
        assert!(stderr(&output).starts_with("error: ") && stderr(&output).contains("hint: "), "{}", stderr(&output));
    }
}

#[test]
fn what_the_system_refuses_is_said_in_plain_words_with_its_path() {
    for arguments in [
        &["check", "-", "--format", "json=/nonexistent/report.json"][..],
        &["export", "-", "--output", "/nonexistent/c.json"],
        &["check", "/etc/passwd/c.json"],
        &["check", "-", "--tls-ca", "/nonexistent/ca.pem"],
    ] {
        let output = connprobe(arguments, REFUSED);
        let said = stderr(&output);
        assert!(said.contains('/') && !said.contains("entity") && !said.contains("os error"), "{said}");
    }
}

#[test]
fn a_line_that_is_not_read_is_told_beside_its_source() {
    let text = "AIRFLOW_CONN_A=postgres://u:hunter2hunter2@127.0.0.1:1\nENV AIRFLOW_CONN_B=postgres://h\na=mysql://h\n";
    let output = connprobe(&["check", "env-file:-", "--dry-run", "--format", "json"], text);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let codes: Vec<&str> =
        report["sources"][0]["warnings"].as_array().unwrap().iter().map(|w| w["code"].as_str().unwrap()).collect();
    assert_eq!((codes, &report["summary"]["total"]), (vec!["line_not_read"; 2], &Value::from(1)));
    assert_eq!(stderr(&output).lines().count(), 2, "{}", stderr(&output));
    assert!(!format!("{report} {}", stderr(&output)).contains("hunter2"));
}

#[test]
fn a_secret_is_never_printed() {
    for arguments in [
        &["check", "-"][..],
        &["check", "-", "--format", "json"],
        &["check", "-", "--format", "ndjson"],
        &["check", "-", "--dry-run"],
        &["list", "-"],
        &["list", "-", "--format", "json"],
    ] {
        let output = connprobe(arguments, REFUSED);
        assert!(!stdout(&output).contains("hunter2") && !stderr(&output).contains("hunter2"), "{arguments:?}");
    }
}

#[test]
fn every_connection_has_one_result_and_the_counts_add_up() {
    let output = connprobe(&["check", "-", "--format", "json"], REFUSED);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let statuses: Vec<&str> =
        report["results"].as_array().unwrap().iter().map(|r| r["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["failed", "failed", "error", "skipped"]);
    let count = |word: &str| report["summary"][word].as_u64().unwrap();
    assert_eq!(count("total"), count("ok") + count("failed") + count("error") + count("skipped"));
    // One dead address with two accounts is one cause.
    let causes = report["causes"].as_array().unwrap();
    let dead: Vec<&Value> = causes.iter().filter(|cause| cause["class"] == "unreachable").collect();
    assert_eq!((dead.len(), dead[0]["ids"].as_array().unwrap().len()), (1, 2), "{causes:#?}");
}

#[test]
fn ndjson_is_one_line_for_each_result_and_one_for_the_summary() {
    let output = connprobe(&["check", "-", "--format", "ndjson"], REFUSED);
    let kinds: Vec<String> = stdout(&output)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["kind"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds, ["result", "result", "result", "result", "summary"]);
}

#[test]
fn several_formats_go_to_several_places() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("report.json");
    let format = format!("json={}", file.display());
    let output = connprobe(&["check", "-", "--format", "table", "--format", &format], REFUSED);
    assert!(stdout(&output).contains("4 connections"));
    let report: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(report["summary"]["total"], 4);
}

#[test]
fn the_table_fits_eighty_columns_and_has_no_colour_in_a_pipe() {
    // Long names are truncated in the rows, and in the blocks below them.
    let named = |name: String| format!(r#"{{"{name}": {{"conn_type": "postgres", "host": "h"}}}}"#);
    for definitions in [REFUSED.to_owned(), named("a".repeat(250)), named("ä_".repeat(100))] {
        let output = connprobe(&["check", "-"], &definitions);
        for line in stdout(&output).lines() {
            assert!(line.chars().count() <= 80, "{line}");
            assert!(!line.contains('\x1b'), "{line}");
        }
    }
}

#[test]
fn a_dead_name_or_a_bad_entry_stops_nobody_else() {
    let output =
        connprobe(&["check", "-", "--format", "json", "--timeout", "2s"], &REFUSED.replace("www.example.com", "x"));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["results"][2]["class"], "definition");
    assert_eq!(report["results"][3]["class"], "unsupported");
}

#[test]
fn a_source_that_cannot_be_read_is_named_and_the_others_still_run() {
    let output = connprobe(&["check", "/nonexistent.json", "-", "--format", "json"], REFUSED);
    assert!(stderr(&output).contains("/nonexistent.json"), "{}", stderr(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["results"].as_array().unwrap().len(), 4);
    assert_eq!(report["sources"][0]["problem"]["reason"], "source_missing");
}

#[test]
fn no_name_reaches_a_terminal_unescaped_and_none_is_altered() {
    let name = "a\u{1b}[2J\u{9b}31m\u{202e}\u{7f}";
    let definition = serde_json::json!({name: {
        "conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": name, "schema": name, "extra": {name: 1},
    }});
    for command in ["check", "list"] {
        for format in formats(command) {
            let output = connprobe(&[command, "-", "--format", format], &definition.to_string());
            let hazard = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
            assert!(!stdout(&output).contains(hazard), "{command} {format}: {:?}", stdout(&output));
        }
    }
    let output = connprobe(&["check", "-", "--format", "json"], &definition.to_string());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report["results"][0]["conn_id"], &report["results"][0]["login"]), (&name.into(), &name.into()));
}

#[test]
fn a_report_overwrites_neither_a_source_nor_another_report() {
    let directory = tempfile::tempdir().unwrap();
    let source = directory.path().join("connections.json");
    fs::write(&source, REFUSED).unwrap();
    let source = source.to_str().unwrap();
    let (onto_source, again) = (format!("json={source}"), format!("json={source}.report"));
    for arguments in [
        &["check", source, "--dry-run", "--format", &onto_source][..],
        &["check", source, "--dry-run", "--format", &again, "--format", &again],
    ] {
        let output = connprobe(arguments, "");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}\n{}", stderr(&output));
        assert_eq!(fs::read_to_string(source).unwrap(), REFUSED);
    }
}

#[test]
fn what_cannot_be_written_is_said() {
    for arguments in [&["check", "-"][..], &["list", "-"], &["types"], &["types", "s3"], &["explain", "auth"]] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = process::over(process::connprobe(arguments).stdout(full), REFUSED);
        assert_eq!(output.status.code(), Some(4), "{arguments:?}");
        assert_eq!(stderr(&output).lines().filter(|line| line.starts_with("error: ")).count(), 1, "{arguments:?}");
    }
}

#[test]
fn a_run_that_tried_nothing_says_so() {
    let output = connprobe(&["check", "-", "--select", "d"], REFUSED);
    snapshot::hold("cli.txt", "check --select: none is left", stderr(&output));
}

#[test]
fn list_judges_as_check_does() {
    let output = connprobe(&["list", "-"], r#"{"a": {"host": "db1.example"}}"#);
    snapshot::hold("cli.txt", "list: a definition without a type", stdout(&output));
}

#[test]
fn the_owner_says_which_networks_may_be_connected_to() {
    let definitions = r#"{"db": "postgres://u:hunter2hunter2@127.0.0.1:1/db"}"#;
    for (arguments, class) in [
        (&[][..], "unreachable"),
        (&["--egress-deny", "127.0.0.0/8"], "policy"),
        (&["--egress-deny", "127.0.0.0/8", "--egress-allow", "127.0.0.1:1"], "unreachable"),
        (&["--egress-deny", "127.0.0.0/8:5432"], "unreachable"),
    ] {
        let arguments: Vec<&str> = ["check", "-", "--format", "json"].iter().chain(arguments).copied().collect();
        let output = connprobe(&arguments, definitions);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["results"][0]["class"], class, "{arguments:?}: {report}");
    }
    for (definition, arguments, class) in [
        ("postgres://u:hunter2hunter2@localhost:1/db", &["--egress-deny", "all"][..], "policy"),
        (
            "postgres://u:hunter2hunter2@localhost:1/db",
            &["--egress-deny", "all", "--egress-allow", "127.0.0.0/8"],
            "policy",
        ),
        ("postgres://u:hunter2hunter2@127.0.0.1:1/db", &["--egress-deny", "all"], "policy"),
        (
            "postgres://u:hunter2hunter2@127.0.0.1:1/db",
            &["--egress-deny", "all", "--egress-allow", "127.0.0.1"],
            "unreachable",
        ),
        ("postgres://u:hunter2hunter2@%2Fnonexistent/db", &["--egress-deny", "unix"], "policy"),
        ("postgres://u:hunter2hunter2@%2Fnonexistent/db", &["--egress-deny", "all"], "policy"),
        (
            "postgres://u:hunter2hunter2@%2Fnonexistent/db",
            &["--egress-deny", "all", "--egress-allow", "unix"],
            "unreachable",
        ),
        ("mongodb+srv://u:hunter2hunter2@db.invalid/db", &["--egress-deny", "all"], "policy"),
    ] {
        let arguments: Vec<&str> = ["check", "-", "--format", "json"].iter().chain(arguments).copied().collect();
        let output = connprobe(&arguments, &serde_json::json!({"db": definition}).to_string());
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["results"][0]["class"], class, "{definition} {arguments:?}: {report}");
    }
    let output = connprobe(&["check", "-", "--egress-deny", "db.example"], definitions);
    assert_eq!(output.status.code(), Some(2));
    snapshot::hold("cli.txt", "check --egress-deny: a name", stderr(&output));
}

/// The ids in the JSON report about `sources`, by name, and the text on stderr.
fn ids(sources: &[&str]) -> (Vec<String>, String) {
    let arguments = [&["check", "--dry-run", "--format", "json"], sources].concat();
    let output = connprobe(&arguments, r#"{"x": {"conn_type": "postgres", "host": "h", "login": "u"}}"#);
    let report: Value = serde_json::from_str(stdout(&output)).unwrap();
    let ids = report["results"].as_array().unwrap().iter().map(|result| result["id"].as_str().unwrap().to_owned());
    (ids.collect(), stderr(&output).to_owned())
}

#[test]
fn an_id_is_made_of_the_label_of_its_source() {
    let directory = tempfile::tempdir().unwrap();
    let path = |folder: &str| {
        let folder = directory.path().join(folder);
        fs::create_dir(&folder).unwrap();
        let path = folder.join("c.json");
        fs::write(&path, r#"{"x": {"conn_type": "postgres", "host": "h", "login": "u"}}"#).unwrap();
        path.display().to_string()
    };
    let [one, two] = [path("one"), path("two")];
    let labelled = |label: &str, path: &str| format!("{label}={path}");
    let id_of = |source: &str| ids(&[source]).0.remove(0);

    assert_eq!(id_of(&one), id_of(&two), "the folder is no part of it");
    assert_eq!(id_of(&labelled("stdin", &one)), id_of("-"));
    assert_ne!(id_of(&labelled("prod", &one)), id_of(&one));

    let (both, said) = ids(&[&one, &two]);
    assert_eq!((&both[0], both[1] == both[0]), (&id_of(&one), false));
    assert!(said.contains("NAME="), "{said}");
    let (both, said) = ids(&[&labelled("prod", &one), &labelled("test", &two)]);
    assert_eq!((both.len(), said.as_str()), (2, ""));
}

/// The number that tells a label from another one must not make it equal to a third.
#[test]
fn labels_stay_apart_whatever_the_files_are_called() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, r#"{"x": {"conn_type": "postgres", "host": "h", "login": "u"}}"#).unwrap();
        format!("json:{}", path.display())
    };
    let [one, two, numbered] = ["one/c.json", "two/c.json", "c.json#2"].map(path);
    for order in [[&one, &two, &numbered], [&numbered, &one, &two], [&one, &numbered, &two]] {
        let (mut ids, said) = ids(&order.map(String::as_str));
        // Each source whose label got a number is reported once.
        let named = said.lines().filter(|line| line.contains("NAME=")).count();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((ids.len(), (1..=2).contains(&named)), (3, true), "{order:?}: {said}");
    }
}

/// A definition whose type has no driver is skipped with that reason, even if it has other faults. It does not fail the
/// run.
#[test]
fn a_type_without_a_driver_is_skipped_whatever_else_is_wrong() {
    for definition in [
        r#"{"conn_type": "spark", "port": "x"}"#,
        r#"{"conn_type": "ssh", "host": "h:x:y", "extra": "{"}"#,
        r#"{"conn_type": "ftp", "password": "***"}"#,
        r#"{"conn_type": "no_such_type", "schema": 5, "port": 99999}"#,
    ] {
        let output =
            connprobe(&["check", "-", "--format", "json", "--allow-empty"], &format!(r#"{{"a": {definition}}}"#));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let result = &report["results"][0];
        assert_eq!((&result["status"], &result["reason"]), (&"skipped".into(), &"no_driver".into()), "{report:#}");
        assert_eq!(output.status.code(), Some(0), "{definition}");
    }
}

#[test]
fn every_reason_and_every_warning_is_explained() {
    use connprobe::model::reason::ReasonCode;
    use connprobe::model::warning::WarningCode;

    let reasons = ReasonCode::ALL.iter().map(|code| (code.as_str(), code.explanation()));
    let warnings = WarningCode::ALL.iter().map(|code| (code.as_str(), code.explanation()));
    let codes: Vec<(&str, &str)> = reasons.chain(warnings).collect();
    assert!(codes.len() > 100, "{}", codes.len());
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (code, explanation) in codes {
        let output = connprobe(&["explain", code], "");
        assert_eq!(output.status.code(), Some(0), "{code}: {}", stderr(&output));
        let said = words(stdout(&output));
        assert!(said.starts_with(&format!("{code}:")), "{code}: {said}");
        assert!(said.contains(&words(explanation)), "{code}: {said}");
    }
}

#[test]
fn completions_and_manual_pages_know_the_options() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = connprobe(&["completions", shell], "");
        assert!(output.status.success() && stdout(&output).contains("deadline"), "{shell}");
    }
    let script = connprobe(&["completions", "bash"], "");
    let understood = process::over(std::process::Command::new("bash").arg("-n"), stdout(&script));
    assert!(understood.status.success() && understood.stderr.is_empty(), "{}", stderr(&understood));

    let directory = tempfile::tempdir().unwrap();
    let pages = directory.path().join("made/man1");
    assert!(connprobe(&["man", pages.to_str().unwrap()], "").status.success());
    for (page, option) in
        [("connprobe.1", "check"), ("connprobe-check.1", "deadline"), ("connprobe-store-init.1", "key")]
    {
        let text = fs::read_to_string(pages.join(page)).unwrap_or_else(|error| panic!("{page}: {error}"));
        assert!(text.contains(option), "{page} does not name {option}");
    }
    // A file in place of the directory is an error.
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    assert_eq!(connprobe(&["man", file.to_str().unwrap()], "").status.code(), Some(4));
}
