//! Every machine-readable output matches the published schema, and the schema matches the codes in the program.

use crate::process;
use std::sync::LazyLock;

use crate::published::Schema;
use connprobe::model::class::Class;
use connprobe::model::event::Event;
use connprobe::model::reason::ReasonCode;
use connprobe::model::warning::WarningCode;
use serde_json::{Value, json};

static RESULT: LazyLock<Schema> = LazyLock::new(|| Schema::of(include_str!("../../docs/result.schema.json")));
static IMPORT: LazyLock<Schema> = LazyLock::new(|| Schema::of(include_str!("../../docs/import.schema.json")));

/// Definitions with as many different outcomes as possible without a server.
const DEFINITIONS: &str = r#"[
  {"conn_id": "refused", "conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "u", "password": "hunter2"},
  {"conn_id": "refused", "conn_type": "mongo", "host": "127.0.0.1", "port": 1, "login": "u", "password": "hunter2"},
  {"conn_id": "bad", "conn_type": "mysql", "port": "x"},
  {"conn_id": "typed", "conn_type": "spark", "host": "x"},
  {"conn_type": "s3", "login": "key", "password": "secret", "extra": {"endpoint_url": "http://127.0.0.1:1", "odd": 1}}
]"#;

fn check(arguments: &[&str]) -> String {
    let output = process::over(process::connprobe(&["check", "-"]).args(arguments), DEFINITIONS);
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn json_holds_to_the_schema() {
    for arguments in [&["--format", "json"][..], &["--format", "json", "--dry-run"]] {
        RESULT.hold(&serde_json::from_str(&check(arguments)).unwrap());
    }
}

#[test]
fn every_line_of_ndjson_holds_to_the_schema() {
    for line in check(&["--format", "ndjson"]).lines() {
        RESULT.hold(&serde_json::from_str(line).unwrap());
    }
}

/// An event that one process writes can be read by another, and written again unchanged.
#[test]
fn events_travel() {
    for line in check(&["--format", "ndjson"]).lines() {
        let event: Event = serde_json::from_str(line).unwrap();
        let written = serde_json::to_value(&event).unwrap();
        assert_eq!(written, serde_json::from_str::<Value>(line).unwrap());
        assert_eq!(serde_json::from_value::<Event>(written).unwrap(), event);
    }
    let newer = check(&["--format", "ndjson"]).replace("\"schema_version\":1", "\"schema_version\":2");
    assert!(serde_json::from_str::<Event>(newer.lines().last().unwrap()).is_err());
}

#[test]
fn the_schema_refuses_what_is_wrong() {
    let report: Value = serde_json::from_str(&check(&["--format", "json"])).unwrap();
    for (pointer, wrong) in [
        ("/results/0/status", json!("fine")),
        ("/results/0/class", json!("nonsense")),
        ("/results/0/seconds", json!("1")),
        ("/results/0/status", json!("ok")),
        ("/summary/total", json!(-1)),
    ] {
        let mut broken = report.clone();
        *broken.pointer_mut(pointer).unwrap() = wrong;
        assert!(!RESULT.admits(&broken), "{pointer}");
    }
}

#[test]
fn the_schemas_have_the_words_of_the_code() {
    let classes: Vec<&str> = Class::ALL.iter().map(|class| class.as_str()).collect();
    let reasons: Vec<&str> = ReasonCode::ALL.iter().map(|code| code.as_str()).collect();
    let warnings: Vec<&str> = WarningCode::ALL.iter().map(|code| code.as_str()).collect();
    for schema in [&RESULT, &IMPORT] {
        let words = &schema.text()["$defs"];
        assert_eq!(words["class"]["enum"], json!(classes));
        assert_eq!(words["reason"]["examples"], json!(reasons));
        assert_eq!(words["warning"]["examples"], json!(warnings));
    }
}
