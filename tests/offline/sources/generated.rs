//! Generated definitions: everything that is written can be read, in every form, and nothing panics.

use connprobe::model::reason::Source;
use connprobe::source::SourceError;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::sources::{codes, password, read};

/// Texts that are not empty and awkward to quote.
fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9 \"\\\\/{}é€😀\\t\\n@:%#?]{1,16}"
}

fn optional() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(text())
}

fn written(texts: &[Option<String>], port: Option<u16>, extra: &Value) -> Value {
    json!({
        "conn_type": "postgres", "host": texts[0], "schema": texts[1], "login": texts[2], "password": texts[3],
        "description": texts[4], "port": port, "extra": extra,
    })
}

proptest! {
    #[test]
    fn a_connection_survives_every_form(
        names in proptest::collection::btree_set("[a-z~/]{1,8}", 1..5),
        texts in proptest::collection::vec(optional(), 5),
        port in proptest::option::of(1..=u16::MAX),
        extra in proptest::collection::btree_map("[a-z]{1,8}", text(), 0..4),
        pretty in any::<bool>(),
    ) {
        let extra = json!(extra);
        let entry = written(&texts, port, &extra);
        let exported = written(&texts, port, &json!(extra.to_string()));
        let mapping: serde_json::Map<String, Value> = names.iter().map(|name| (name.clone(), entry.clone())).collect();
        let lists: serde_json::Map<String, Value> = names.iter().map(|name| (name.clone(), json!([exported]))).collect();
        let records: Vec<Value> = names
            .iter()
            .map(|name| {
                let mut record = entry.clone();
                record["conn_id"] = json!(name);
                record
            })
            .collect();
        for document in [json!(mapping), json!(lists), json!(records)] {
            let document = if pretty { serde_json::to_string_pretty(&document) } else { serde_json::to_string(&document) }.unwrap();
            let connections = read(&document);
            prop_assert_eq!(connections.len(), names.len());
            for (connection, name) in connections.iter().zip(&names) {
                prop_assert_eq!(&connection.problems[..], &[]);
                prop_assert_eq!(codes(connection), Vec::<&str>::new());
                prop_assert_eq!(connection.conn_id.as_ref(), Some(name));
                prop_assert_eq!(&connection.host, &texts[0]);
                prop_assert_eq!(&connection.schema, &texts[1]);
                prop_assert_eq!(&connection.login, &texts[2]);
                prop_assert_eq!(password(connection), texts[3].as_deref().unwrap_or_default());
                prop_assert_eq!(&connection.description, &texts[4]);
                prop_assert_eq!(connection.port, port);
                prop_assert_eq!(&json!(connection.extra.object()), &extra);
            }
        }
    }

    /// Any JSON is either no source, or a list with one connection for each entry.
    #[test]
    fn any_entry_becomes_a_connection(
        fields in proptest::collection::btree_map(
            "(conn_type|host|port|extra|extra_dejson|uri|login|user|password|name|x)",
            prop_oneof![
                Just(json!(null)), Just(json!(5)), Just(json!(-1.5)), Just(json!(true)), Just(json!([])), Just(json!({"a": [1]})),
                "[a-z:/@{}\\[\\]\"0-9]{0,12}".prop_map(|text| json!(text)),
            ],
            0..6,
        ),
    ) {
        let connections = read(&json!({"first": fields, "second": [fields, "postgres://h"]}).to_string());
        prop_assert_eq!(connections.len(), 3);
        prop_assert_eq!(&connections[2].problems[..], &[]);
    }
}

#[test]
fn ten_thousand_definitions_are_read_at_once() {
    let entry = |number: usize| {
        format!(
            "\n\"conn_{number}\": {{\"conn_type\": \"postgres\", \"host\": \"db{number}.example\", \"port\": 5432, \
             \"login\": \"etl\", \"password\": \"secret{number}\", \"extra\": \"{{\\\"sslmode\\\": \\\"require\\\"}}\"}}"
        )
    };
    let entries: Vec<String> = (0..10_000).map(entry).collect();
    let document = format!("{{{}}}", entries.join(","));
    let started = std::time::Instant::now();
    let connections = read(&document);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    assert_eq!(connections.len(), 10_000);
    assert_eq!(connections[9_999].origin.line, Some(10_001));
    assert!(connections.iter().all(|connection| connection.problems.is_empty() && connection.warnings.is_empty()));
}

#[test]
fn too_many_definitions_are_refused() {
    let document = format!("[{}null]", "null,".repeat(100_000));
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("c.json");
    std::fs::write(&path, document).unwrap();
    let error = crate::sources::load(path.to_str().unwrap()).unwrap_err();
    assert!(matches!(error, SourceError::Own(Source::TooMany { most: 100_000, .. })), "{error}");
}
