//! `connprobe export`: what is written, and where secrets may be written.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::home::{CANARY, Home, said};

const SOURCE: &str = r#"{
  "shop": {"conn_type": "mysql", "host": "db", "login": "u", "password": "CANARY/1", "port": 3307, "schema": "shop", "description": "é"},
  "lake": {"conn_type": "s3", "login": "AKIAEXAMPLE", "password": "CANARY2", "extra": {"region_name": "eu-west-1", "aws_session_token": "CANARY3"}},
  "wh": [{"conn_type": "postgres", "host": "one", "login": "u"}, {"conn_type": "postgres", "host": "two", "login": "u"}]
}"#;

fn home() -> Home {
    let home = Home::new();
    home.file("all.json", SOURCE);
    home.run(&["import", "all.json", "--allow-duplicate"], 0);
    home
}

#[test]
fn what_is_exported_comes_back_as_it_was() {
    let home = home();
    for (name, format) in [("o.json", None), ("o.yaml", None), ("o.env", None), ("x.env", Some("env-json"))] {
        let format: Vec<&str> = format.into_iter().flat_map(|format| ["--format", format]).collect();
        home.run(&[&["export", "--with-secrets", "--output", name][..], &format].concat(), 0);
        assert_eq!(home.path(name).metadata().unwrap().mode() & 0o7777, 0o600);
        // A URI has no place for a description.
        let status = i32::from(name == "o.env");
        let again = home.json(&["import", name, "--allow-duplicate", "--format", "json"], status);
        let unchanged = if name == "o.env" { 3 } else { 4 };
        assert_eq!(
            (&again["summary"]["unchanged"], &again["summary"]["total"]),
            (&json!(unchanged), &json!(4)),
            "{name}: {again:#}"
        );
    }
}

/// Texts of `extra` as Airflow stores them, which differ from the serialised form of the same object.
const EXTRAS: [&str; 12] = [
    r#"{"z": 1, "a": 2}"#,
    r#"{"a":1,   "b" : [1,2]}"#,
    r#"{"a": 100000000000000000000000, "b": 1e+23, "c": 1E5, "d": 1.0, "e": -0}"#,
    r#"{"a": NaN, "b": Infinity, "c": -Infinity}"#,
    r#"{"a": 1, "a": 2, "b": {"x": 1, "x": 2}}"#,
    "{\n  \"a\": 1\n}\n",
    r#"{"a": "\u00e9 é \/"}"#,
    "{}",
    "{ }",
    "null",
    "",
    r#"{"a": 0.1000000000000000055511151231257827, "b": 1e999}"#,
];

#[test]
fn extra_stays_the_text_that_it_is_stored_as() {
    let home = Home::new();
    let definitions: serde_json::Map<String, Value> = EXTRAS
        .iter()
        .enumerate()
        .map(|(n, extra)| {
            (format!("c{n:02}"), json!({"conn_type": "postgres", "host": "h", "login": "u", "extra": extra}))
        })
        .collect();
    home.file("all.json", Value::Object(definitions).to_string());
    home.run(&["import", "all.json"], 0);
    for (source, name) in [("all.json", "file.json"), ("store:", "o.json"), ("store:", "o.yaml"), ("store:", "x.env")] {
        let format = if name == "x.env" { &["--format", "env-json"][..] } else { &[] };
        home.run(&[&["export", source, "--with-secrets", "--output", name][..], format].concat(), 0);
        // YAML and environment files are read back and written as JSON.
        let word = name.replace("x.env", "env-file:x.env");
        home.run(&["export", &word, "--with-secrets", "--format", "json", "--output", "again.json"], 0);
        let again: Value = serde_json::from_str(&fs::read_to_string(home.path("again.json")).unwrap()).unwrap();
        for (n, extra) in EXTRAS.iter().enumerate() {
            assert_eq!(again[format!("c{n:02}")]["extra"], json!(extra), "{name}");
        }
    }
}

#[test]
fn an_object_is_written_as_airflow_would_have_stored_it() {
    let home = Home::new();
    home.file(
        "all.json",
        r#"{"b": {"conn_type": "mysql", "host": "h", "login": "u", "extra": {"z": 1, "a": {"y": "é", "b": [true, null]}, "z": NaN}}, "a": {"conn_type": "mysql", "host": "h", "login": "u"}}"#,
    );
    home.run(&["import", "all.json"], 0);
    home.run(&["export", "--with-secrets", "--output", "o.json"], 0);
    let text = fs::read_to_string(home.path("o.json")).unwrap();
    let written: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(written["b"]["extra"], json!(r#"{"z": NaN, "a": {"y": "\u00e9", "b": [true, null]}}"#));
    assert!(text.find("\"a\":").unwrap() < text.find("\"b\":").unwrap(), "in the order of names: {text}");
}

#[test]
fn secrets_are_left_out_unless_they_are_asked_for() {
    let home = home();
    for format in ["json", "yaml", "env", "env-json"] {
        let said = home.run(&["export", "--format", format], 0);
        home.hold("export without secrets", &said.stderr);
        assert!(said.stdout.contains("shop"));
    }
    let said = home.run(&["export", "--select", "wh"], 0);
    assert_eq!(said.stderr, "", "there was nothing to leave out");
    assert_eq!(serde_json::from_str::<Value>(&said.stdout).unwrap()["wh"][1]["host"], "two");
    home.run(&["export", "--output", "plain.yaml"], 0);
    assert!(!fs::read_to_string(home.path("plain.yaml")).unwrap().contains(CANARY));
}

#[test]
fn secrets_go_where_nobody_else_reads() {
    let home = home();
    home.file("public.json", "old");
    std::os::unix::fs::symlink("elsewhere.json", home.path("link.json")).unwrap();
    for place in ["public.json", "link.json", "/dev/stdout"] {
        let said = home.run(&["export", "--with-secrets", "--output", place], 2);
        home.hold(&format!("export --with-secrets --output {place}"), &said.stderr);
    }
    assert_eq!(fs::read_to_string(home.path("public.json")).unwrap(), "old");
    let redirected = |file: File| {
        let mut command = home.command(&["export", "--with-secrets"]);
        said(command.stdout(Stdio::from(file)).spawn().unwrap(), "")
    };
    for file in
        [File::create(home.path("redirected")).unwrap(), OpenOptions::new().write(true).open("/dev/null").unwrap()]
    {
        let said = redirected(file);
        assert!(said.status == 2 && said.stderr.contains("--output FILE"), "{said:?}");
    }
    assert_eq!(fs::read_to_string(home.path("redirected")).unwrap(), "");
    let private =
        || OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(home.path("private")).unwrap();
    assert_eq!(redirected(private()).status, 0);
    let written = fs::read_to_string(home.path("private")).unwrap();
    assert!(written.contains("CANARY/1"));
    // An existing private file is replaced as a whole.
    drop(private());
    home.run(&["export", "--with-secrets", "--format", "json", "--output", "private"], 0);
    assert_eq!(fs::read_to_string(home.path("private")).unwrap(), written);
    assert!(
        fs::read_dir(home.path("")).unwrap().all(|entry| !entry
            .unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with(".private"))
    );
}

#[test]
fn what_cannot_be_exported_is_said() {
    let home = home();
    home.file("odd.json", r#"[{"conn_type": "mysql", "host": "h"}, {"conn_id": "a", "conn_type": "mysql", "port": "CANARYx"}, {"conn_id": "b", "conn_type": "mysql"}]"#);
    let said = home.run(&["export", "odd.json"], 1);
    assert_eq!(serde_json::from_str::<Value>(&said.stdout).unwrap().as_object().unwrap().len(), 1);
    home.hold("export odd.json", &said.stderr);
    assert_eq!(home.run(&["export", "all.json", "absent.json"], 3).stdout, "");
    home.run(&["export", "all.json", "--output", "all.json"], 2);
    home.hold("export --select nobody", &home.run(&["export", "--select", "nobody"], 0).stderr);
    home.run(&["export", "--output", "absent/x.json"], 4);
    home.run(&["export", "--format", "toml"], 2);
}
