//! Names, descriptions and other fields that are stored and shown in clear: a secret of the definition in one of them
//! must be neither stored nor shown.

use serde_json::{Value, json};

use crate::home::Home;

/// A definition with a password and this description.
fn described(description: &str) -> Value {
    json!({"conn_type": "mysql", "host": "127.0.0.1", "port": 1, "login": "u", "password": "CANARYpw", "description": description})
}

/// The same with `text` in `field`.
fn with(field: &str, text: &str) -> Value {
    let mut definition = described("fine");
    definition[field] = text.into();
    definition
}

/// The outcome, name, reason and first field of each entry.
fn entries(report: &Value) -> Vec<[Option<&str>; 4]> {
    let all = report["entries"].as_array().unwrap().iter();
    all.map(|one| [&one["outcome"], &one["conn_id"], &one["reason"], &one["fields"][0]].map(Value::as_str)).collect()
}

#[test]
fn an_import_stores_no_secret_in_clear() {
    let home = Home::new();
    let token = json!({"conn_type": "mysql", "host": "h", "login": "u", "extra": {"token": "CANARYtoken"},
        "description": "the token is CANARYtoken"});
    home.file(
        "a.json",
        json!({
            "a": described("log in with CANARYpw"),
            "b": described("password=CANARYother"),
            "c": token,
            "d-CANARYpw": described("fine"),
            "e": described("fine"),
            "f": with("login", "joe:CANARYpw"),
            "g": with("login", "CANARYpw-x"),
            "h": with("host", "h-CANARYpw.example"),
            "i": with("host", "h-canarypw.example"),
            "j": with("host", "h-CANARY%70w.example"),
            "k": with("schema", "db_CANARYpw"),
            // A field that equals the secret shows nothing that is not shown anyway.
            "l": with("login", "CANARYpw"),
        }),
    );
    let misplaced = |name, field| [Some("skipped"), name, Some("secret_misplaced"), Some(field)];
    for more in [&["--dry-run"][..], &[]] {
        let report = home.json(&[&["import", "a.json", "--format", "json"], more].concat(), 1);
        assert_eq!(
            entries(&report),
            [
                misplaced(Some("a"), "description"),
                misplaced(Some("b"), "description"),
                misplaced(Some("c"), "description"),
                misplaced(None, "conn_id"),
                [Some("added"), Some("e"), None, None],
                misplaced(Some("f"), "login"),
                misplaced(Some("g"), "login"),
                misplaced(Some("h"), "host"),
                misplaced(Some("i"), "host"),
                misplaced(Some("j"), "host"),
                misplaced(Some("k"), "schema"),
                [Some("added"), Some("l"), None, None],
            ],
            "{more:?}"
        );
    }
    assert_eq!(home.stored().keys().collect::<Vec<_>>(), ["e", "l"]);
    for (field, text) in [("login", "joe:CANARYpw"), ("host", "h-CANARYpw.example"), ("host", "h-CANARY%70w.example")] {
        let said = home.run_with(&["add", "x", "--from-stdin"], &with(field, text).to_string(), 1);
        assert!(!said.stderr.contains("CANARY"), "{said:?}");
    }
    assert_eq!(home.stored().len(), 2);
    // A definition that cannot be stored is no reason to remove the stored one.
    home.file("e.json", json!({"e-CANARYpw": described("fine")}));
    home.run(&["import", "e.json", "--replace", "--prune", "--prune-limit", "100%"], 2);
    assert_eq!(home.stored()["e"]["description"], "fine");
}

/// The name may be in a file, in the environment, or the key of an entry that has another name inside.
#[test]
fn a_name_with_the_secret_in_it_is_shown_nowhere() {
    let home = Home::bare();
    let inner = json!({"conn_type": "mysql", "host": "127.0.0.1", "port": 1, "login": "u", "password": "CANARYpw", "conn_id": "x_CANARYpw"});
    home.file(
        "a.json",
        json!({"a-CANARYpw": described("one"), "b": described("two"), "c/CANARYpw": [described("three")], "d": inner}),
    );
    home.file("e.env", format!("AIRFLOW_CONN_E_CANARYPW='{}'\n", described("four")));
    let warned =
        |one: &Value, word: &str| one["warnings"].as_array().unwrap().iter().any(|warning| warning["code"] == word);
    let check = ["check", "a.json", "e.env", "--format", "json"];
    for (arguments, status) in [(&["--timeout", "5s"][..], 1), (&["--dry-run"], 0)] {
        let report = home.json(&[&check[..], arguments].concat(), status);
        let results = report["results"].as_array().unwrap();
        let shown: Vec<_> =
            results.iter().map(|one| (one["conn_id"].as_str(), one["origin"].as_str().unwrap())).collect();
        assert_eq!(
            shown,
            [
                (None, "a.json:1#/…"),
                (Some("b"), "a.json:1#/b"),
                (None, "a.json:1#/…"),
                (Some("d"), "a.json:1#/d"),
                (None, "e.env:1#/…")
            ],
            "{arguments:?}"
        );
        let hidden = results.iter().map(|one| warned(one, "name_hidden")).collect::<Vec<_>>();
        assert_eq!(hidden, [true, false, true, false, true], "{arguments:?}");
        assert!(warned(&results[3], "conn_id_mismatch"));
        let mut ids: Vec<_> = results.iter().map(|one| one["id"].as_str().unwrap()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 5, "each has an id of its own");
    }
    for format in ["table", "json", "ndjson"] {
        home.run(&["list", "a.json", "e.env", "--format", format], 0);
        home.run(&["check", "a.json", "e.env", "--format", format, "--timeout", "5s"], 1);
    }
    for format in ["json", "yaml", "env-json"] {
        let said = home.run(&["export", "a.json", "e.env", "--format", format], 1);
        assert_eq!(said.stderr.matches("is left out").count(), 3, "{}", said.stderr);
        assert!(said.stdout.contains("two") && !said.stdout.contains("four"), "{}", said.stdout);
    }
}
