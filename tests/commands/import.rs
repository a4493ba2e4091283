//! `connprobe import` without logins: which definitions are compared, and the result.

use serde_json::{Value, json};

use crate::home::Home;
use crate::published::Schema;

/// A definition with a password, as JSON.
fn mysql(host: &str, password: &str) -> Value {
    json!({"conn_type": "mysql", "host": host, "login": "u", "password": password})
}

/// `outcome name` of every entry of a report.
fn outcomes(report: &Value) -> Vec<String> {
    let word = |entry: &Value, field: &str| entry[field].as_str().unwrap_or("-").to_owned();
    report["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {}", word(one, "outcome"), word(one, "conn_id")))
        .collect()
}

/// `name host` of every stored definition.
fn hosts(home: &Home) -> Vec<String> {
    home.stored()
        .into_iter()
        .flat_map(|(name, value)| {
            let definitions = if value.is_array() { value.as_array().unwrap().clone() } else { vec![value] };
            definitions.into_iter().map(move |one| format!("{name} {}", one["host"].as_str().unwrap()))
        })
        .collect()
}

/// The records of the guide that the project started from, with one bad port among them.
const RECORDS: &str = r#"[
  {"name": "sales", "host": "redshift.example", "port": 5439, "db": "sales", "user": "etl", "pw": "CANARY1"},
  {"name": "events", "host": "redshift.example", "port": "5440", "db": "events", "user": "etl", "pw": "CANARY2"},
  {"name": "broken", "host": "redshift.example", "port": "CANARYport", "db": "x", "user": "etl", "pw": "CANARY3"},
  {"name": "plain", "host": "redshift.example", "db": "plain", "user": "etl", "pw": "CANARY4"}
]"#;

#[test]
fn the_guides_records_are_kept_in_step() {
    let home = Home::new();
    home.file("records.json", RECORDS);
    let import = ["import", "records.json", "--default-type", "redshift", "--replace", "--format", "json"];
    let first = home.json(&import, 1);
    assert_eq!(outcomes(&first), ["added sales", "added events", "skipped broken", "added plain"]);
    assert_eq!(first["entries"][2]["reason"], "bad_field");
    let stored = home.stored();
    assert_eq!(
        stored["plain"],
        json!({"conn_type": "redshift", "description": null, "login": "etl", "password": "CANARY4", "host": "redshift.example",
            "port": 5439, "schema": "plain", "extra": null})
    );
    assert_eq!(stored["events"]["port"], 5440);
    home.file("records.json", RECORDS.replace("CANARY1", "CANARYnew").replace("CANARYport", "5441"));
    let second = home.json(&import, 0);
    assert_eq!(outcomes(&second), ["updated sales", "unchanged events", "added broken", "unchanged plain"]);
    assert_eq!(second["entries"][0]["changes"], json!([{"field": "password", "change": "changed"}]));
    assert_eq!(home.stored()["sales"]["password"], "CANARYnew");
    assert_eq!(outcomes(&home.json(&import, 0)).iter().filter(|one| one.starts_with("unchanged")).count(), 4);
}

#[test]
fn without_a_type_nothing_is_guessed() {
    let home = Home::new();
    home.file("records.json", RECORDS);
    let said = home.run(&["import", "records.json"], 1);
    home.hold("import: definitions without a type", &said.stdout);
    assert!(home.stored().is_empty());
    for word in ["redshifd", "mysql:x"] {
        let said = home.run(&["import", "records.json", "--default-type", word], 2);
        home.hold(&format!("import --default-type {word}"), &said.stderr);
    }
}

#[test]
fn what_differs_is_replaced_only_when_asked_and_then_in_every_field() {
    let home = Home::new();
    let old = json!({"conn_type": "mysql", "host": "old", "login": "u", "password": "CANARY", "port": 3307, "schema": "s",
        "description": "d", "extra": {"charset": "utf8", "gone": "CANARY"}});
    home.file("a.json", json!({"a": old}));
    home.run(&["import", "a.json"], 0);
    home.file(
        "a.json",
        json!({"a": {"conn_type": "mysql", "host": "new", "login": "u", "extra": {"charset": "latin1"}}}),
    );
    for keep in [&["import", "a.json"][..], &["import", "a.json", "--keep"]] {
        let said = home.run(keep, 1);
        home.hold("import: what differs", &said.stdout);
        assert_eq!(hosts(&home), ["a old"]);
    }
    let dry = home.run(&["import", "a.json", "--replace", "--dry-run"], 0).stdout;
    home.hold("import --replace --dry-run", &dry);
    assert_eq!(hosts(&home), ["a old"]);
    home.run(&["import", "a.json", "--replace"], 0);
    assert_eq!(
        home.stored()["a"],
        json!({"conn_type": "mysql", "description": null, "login": "u", "password": null, "host": "new", "port": null,
            "schema": null, "extra": "{\"charset\": \"latin1\"}"})
    );
}

#[test]
fn several_of_a_name_are_decided_about_never_guessed() {
    let fresh = || {
        let home = Home::new();
        home.file(
            "two.json",
            json!({"a": [mysql("one", "CANARY"), mysql("two", "CANARY")], "b": mysql("one", "CANARY")}),
        );
        home.run(&["import", "two.json", "--allow-duplicate"], 0);
        home.file("new.json", json!({"a": mysql("three", "CANARY"), "b": mysql("two", "CANARY")}));
        home
    };
    let home = fresh();
    let stderr = home.run(&["import", "new.json", "--replace"], 2).stderr;
    home.hold("import --replace: several of a name in the store", &stderr);
    assert_eq!(hosts(&home), ["a one", "a two", "b one"], "nothing is half done");
    home.run(&["import", "new.json", "--replace", "--keep"], 1);
    assert_eq!(hosts(&home), ["a one", "a two", "b two"]);
    let home = fresh();
    let report = home.json(&["import", "new.json", "--replace-all", "--format", "json"], 0);
    assert_eq!(outcomes(&report), ["updated a", "updated b", "removed a"]);
    assert_eq!(hosts(&home), ["a three", "b two"]);
    home.run(&["import", "new.json", "--replace-all", "--keep"], 2);
    // The sources have several definitions with the same name.
    let home = Home::new();
    home.file("two.json", json!({"a": [mysql("one", "CANARY"), mysql("two", "CANARY")], "b": mysql("one", "CANARY")}));
    let said = home.run(&["import", "two.json"], 1);
    home.hold("import: several of a name in the sources", &said.stdout);
    assert_eq!(hosts(&home), ["b one"]);
}

#[test]
fn what_no_source_has_is_removed_only_when_asked_and_when_all_is_known() {
    let home = Home::new();
    home.file(
        "all.json",
        json!({"a": mysql("one", "CANARY"), "b": mysql("one", "CANARY"), "c": mysql("one", "CANARY")}),
    );
    home.run(&["import", "all.json"], 0);
    // An invalid definition still counts as present.
    home.file("less.json", json!({"a": mysql("one", "CANARY"), "b": {"conn_type": "mysql", "port": "CANARY"}}));
    home.run(&["import", "less.json"], 1);
    assert_eq!(hosts(&home).len(), 3);
    home.run(&["import", "less.json", "absent.json", "--prune", "--partial"], 3);
    home.run(&["import", "less.json", "--prune", "--select", "a"], 2);
    home.run(&["import", "less.json", "--prune", "--dry-run"], 1);
    assert_eq!(hosts(&home).len(), 3);
    home.file("none.json", "{}");
    home.run(&["import", "none.json", "--prune"], 3);
    assert_eq!(hosts(&home).len(), 3);
    // A broken definition may be the place where the source was cut off.
    home.run(&["import", "less.json", "--prune"], 2);
    assert_eq!(hosts(&home).len(), 3);
    home.file("less.json", json!({"a": mysql("one", "CANARY"), "b": mysql("one", "CANARY")}));
    home.hold("import --prune", &home.run(&["import", "less.json", "--prune"], 0).stdout);
    assert_eq!(hosts(&home), ["a one", "b one"]);
}

#[test]
fn an_answer_without_a_usable_definition_removes_nothing() {
    let home = Home::new();
    home.file("all.json", json!({"a": mysql("one", "CANARY"), "b": mysql("one", "CANARY")}));
    home.run(&["import", "all.json"], 0);
    for answer in [
        json!({"errors": ["permission denied"]}),
        json!({"connections": []}),
        json!({"zz": null}),
        json!({"zz": []}),
        json!({"name": "x", "version": "1"}),
        json!({"error": "permission denied", "a": mysql("two", "CANARY")}),
        json!({"c": {"conn_type": "no-such-type", "host": "h"}}),
    ] {
        home.file("answer.json", answer.clone());
        for limit in [&[][..], &["--prune-limit", "100%"]] {
            home.run(&[&["import", "answer.json", "--prune", "--replace"], limit].concat(), 2);
            assert_eq!(hosts(&home), ["a one", "b one"], "{answer}");
        }
    }
}

#[test]
fn a_source_that_was_cut_off_removes_nothing() {
    let home = Home::new();
    let some = |count: usize| {
        let entries = (0..count).map(|number| (format!("c{number}"), mysql("one", "CANARY")));
        serde_json::Value::Object(entries.collect())
    };
    home.file("all.json", some(40));
    home.run(&["import", "all.json"], 0);
    home.file("half.json", some(10));
    for (limit, status, left) in [
        (&[][..], 2, 40),
        (&["--partial"], 2, 40),
        (&["--dry-run"], 0, 40),
        (&["--prune-limit", "29"], 2, 40),
        (&["--prune-limit", "74%"], 2, 40),
        (&["--prune-limit", "x"], 2, 40),
        (&["--prune-limit", "30"], 0, 10),
    ] {
        home.run(&[&["import", "half.json", "--prune"], limit].concat(), status);
        assert_eq!(hosts(&home).len(), left, "{limit:?}");
    }
    home.file("five.json", some(5));
    home.run(&["import", "five.json", "--prune"], 0);
    assert_eq!(hosts(&home).len(), 5);
    home.run(&["import", "five.json", "--prune-limit", "5"], 2);
}

#[test]
fn a_source_that_fails_stops_everything_unless_parts_will_do() {
    let home = Home::new();
    home.file("a.json", json!({"a": mysql("one", "CANARY")}));
    home.file("bad.json", "{\"b\": CANARY");
    home.hold("import: one source fails", &home.run(&["import", "a.json", "bad.json"], 3).stderr);
    assert!(home.stored().is_empty());
    home.run(&["import", "a.json", "bad.json", "--partial"], 3);
    assert_eq!(hosts(&home), ["a one"]);
    // An error that only the store detects stops no other definition.
    home.file("nul.json", json!({"m": {"conn_type": "mysql", "host": "h", "login": "u", "description": "a\u{0}b"}, "n": mysql("one", "CANARY")}));
    for more in [&[][..], &["--partial"]] {
        let report = home.json(&[&["import", "nul.json", "--format", "json"], more].concat(), 1);
        assert_eq!(outcomes(&report)[0], "skipped m", "{report:#}");
        assert_eq!(hosts(&home), ["a one", "n one"]);
    }
}

#[test]
fn what_is_no_import_is_refused() {
    let home = Home::new();
    home.file("a.json", json!({"a": mysql("one", "CANARY")}));
    home.file("nameless.json", json!([mysql("one", "CANARY")]));
    for (arguments, status) in [
        (&["import"][..], 2),
        (&["import", "store:"], 2),
        (&["import", "a.json", "a.json"], 2),
        (&["import", "postgresql://u:CANARY@h/db"], 2),
        (&["import", "a.json", "--save-failing"], 2),
        (&["import", "a.json", "--select", "nobody"], 3),
        (&["import", "a.json", "--format", "ndjson"], 2),
    ] {
        let said = home.run(arguments, status);
        home.hold(&format!("{arguments:?}"), &said.stderr);
    }
    home.hold("import: a definition without a name", &home.run(&["import", "nameless.json"], 1).stdout);
}

#[test]
fn imports_at_once_end_as_if_one_after_the_other() {
    let home = Home::new();
    for n in 0..4 {
        let definitions: serde_json::Map<String, Value> =
            (0..50).map(|k| (format!("n{n}_{k}"), mysql("one", "CANARY"))).collect();
        home.file(&format!("{n}.json"), Value::Object(definitions));
    }
    let running: Vec<_> = (0..4).map(|n| home.command(&["import", &format!("{n}.json")]).spawn().unwrap()).collect();
    for child in running {
        let said = crate::home::said(child, "");
        assert_eq!(said.status, 0, "{said:?}");
    }
    assert_eq!(home.stored().len(), 200);
    home.run(&["store", "check"], 0);
    assert_eq!(home.stored().len(), 200);
}

#[test]
fn the_report_holds_to_its_schema() {
    let schema = Schema::of(include_str!("../../docs/import.schema.json"));
    let home = Home::new();
    home.file("a.json", json!({"a": mysql("one", "CANARY"), "b": {"conn_type": "mysql", "port": "x"}, "c": mysql("127.0.0.1", "CANARY")}));
    home.run(&["import", "a.json"], 1);
    home.file("a.json", json!({"a": mysql("two", "CANARY2"), "d": {"conn_type": "mysql", "host": "127.0.0.1", "port": 1, "login": "u"}, "e": 5}));
    for more in
        [&["--dry-run", "--replace"][..], &["--check", "--timeout", "1s", "--save-failing"], &["--replace", "--prune"]]
    {
        if more.contains(&"--prune") {
            // This definition is skipped, but not broken.
            home.file("a.json", json!({"a": mysql("two", "CANARY2"), "d": mysql("two", "CANARY2"), "e": {"conn_type": "no-such-type", "host": "h"}}));
        }
        let report = home.json(&[&["import", "a.json", "--format", "json"], more].concat(), 1);
        schema.hold(&report);
        let count = |word: &str| report["summary"][word].as_u64().unwrap();
        assert_eq!(
            count("total"),
            ["added", "updated", "unchanged", "skipped", "failed"].iter().map(|word| count(word)).sum::<u64>()
        );
    }
    let report = home.json(&["import", "a.json", "absent.json", "--partial", "--format", "json"], 3);
    schema.hold(&report);
    assert_eq!(report["sources"][1]["problem"]["reason"], "source_missing", "{report:#}");
}
