//! The shapes that occur in practice, with one fixture each.

use connprobe::model::connection::Connection;
use connprobe::source::mark_ambiguous;
use serde_json::json;

use crate::sources::{codes, definitions, fixture, password, read};

/// Name, type, host, schema, login, port.
type Row<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str, u16);

fn rows(connections: &[Connection]) -> Vec<Row<'_>> {
    fn text(text: Option<&String>) -> &str {
        text.map_or("", String::as_str)
    }
    connections
        .iter()
        .map(|connection| {
            assert_eq!(codes(connection), [""; 0], "{connection:?}");
            (
                text(connection.conn_id.as_ref()),
                text(connection.conn_type.as_ref()),
                text(connection.host.as_ref()),
                text(connection.schema.as_ref()),
                text(connection.login.as_ref()),
                connection.port.unwrap_or_default(),
            )
        })
        .collect()
}

/// Origins without the directory of the fixtures.
fn origins(connections: &[Connection]) -> Vec<String> {
    let directory = format!("{}/", definitions().display());
    connections.iter().map(|connection| connection.origin.to_string().replace(&directory, "")).collect()
}

#[test]
fn an_export_of_airflow() {
    let connections = fixture("export.json");
    assert_eq!(
        rows(&connections),
        [
            ("warehouse", "postgres", "db1.example", "sales", "etl", 5432),
            ("shop", "mysql", "db2.example", "", "shop", 0)
        ]
    );
    assert_eq!(origins(&connections), ["export.json:2#/warehouse", "export.json:12#/shop"]);
    assert_eq!(json!(connections[0].extra.object()), json!({"sslmode": "require", "connect_timeout": 10}));
    assert_eq!((password(&connections[0]), password(&connections[1])), ("CANARY", ""));
    assert_eq!(connections[0].description.as_deref(), Some("as `airflow connections export` writes it"));
    assert_eq!(connections[0].directory, Some(definitions()));
    assert_eq!(connections[1].schema, None, "an empty text is absent");
}

#[test]
fn a_mapping_of_uris() {
    let connections = fixture("uris.json");
    assert_eq!(
        rows(&connections),
        [
            ("warehouse", "postgres", "db1.example", "sales", "etl", 5432),
            ("events", "mongo", "h1:27017,h2:27017", "admin", "app", 0),
            ("files", "aws", "", "", "AKIA123", 0),
            ("whole", "mysql", "h", "db", "u", 0),
        ]
    );
    assert_eq!(password(&connections[2]), "CANARY/b+c=");
    assert_eq!(
        json!(connections[2].extra.object()),
        json!({"region_name": "us-east-1", "service_config": {"s3": {"bucket_name": "b"}}})
    );
    assert_eq!(json!(connections[3].extra.object()), json!({"ssl": {"ca": "ca.pem"}}));
}

#[test]
fn lists_of_definitions_under_one_name() {
    let connections = fixture("lists.json");
    assert_eq!(
        rows(&connections),
        [
            ("reporting", "postgres", "db1.example", "", "etl", 0),
            ("reporting", "mysql", "db2.example", "sales", "etl", 0),
            ("a/b~c", "mssql", "db3.example", "", "sa", 0),
        ]
    );
    assert_eq!(
        origins(&connections),
        ["lists.json:3#/reporting/0", "lists.json:4#/reporting/1", "lists.json:7#/a~1b~0c/0"]
    );
}

#[test]
fn a_list_of_hand_written_records() {
    let connections = fixture("records.json");
    assert_eq!(
        rows(&connections),
        [
            ("warehouse", "redshift", "dwh.example", "sales", "etl", 5439),
            ("shop", "mysql", "db2.example", "shop", "app", 3306),
            ("", "postgres", "db1.example", "sales", "etl", 0),
        ]
    );
    assert_eq!(origins(&connections), ["records.json:2#/0", "records.json:3#/1", "records.json:4#/2"]);
    assert!(connections.iter().all(|connection| password(connection) == "CANARY"));
}

#[test]
fn the_stringly_output_of_connections_list() {
    let connections = fixture("list-show-values.json");
    assert_eq!(
        rows(&connections),
        [
            ("warehouse", "postgres", "db1.example", "sales", "etl", 5432),
            ("shop", "mysql", "db2.example", "", "app", 0)
        ]
    );
    assert_eq!(json!(connections[0].extra.object()), json!({"sslmode": "require", "keepalives": "1"}));
}

#[test]
fn one_definition_alone() {
    for name in ["single.json", "single-uri.json"] {
        let connections = fixture(name);
        assert_eq!(rows(&connections).len(), 1);
        assert_eq!((connections[0].conn_id.as_deref(), connections[0].host.as_deref()), (None, Some("db1.example")));
        assert_eq!(origins(&connections), [format!("{name}:1")]);
    }
}

#[test]
fn a_mapping_is_not_taken_for_one_definition() {
    for (text, names) in [
        (r#"{"host": "postgres://h", "type": "mysql://h"}"#, &["host", "type"][..]),
        (r#"{"uri": "postgres://h", "shop": "mysql://h"}"#, &["uri", "shop"]),
        (r#"{"host": {"conn_type": "postgres", "host": "h"}}"#, &["host"]),
        (r#"{"host": "h", "shop": {"conn_type": "mysql", "host": "h"}}"#, &["host", "shop"]),
        (r#"{"host": "h", "shop": [{"conn_type": "mysql", "host": "h"}]}"#, &["host", "shop"]),
        (r#"{"host": "h", "conn_id": "mine", "tags": ["a"], "options": {"a": 1}}"#, &["mine"]),
        ("{}", &[]),
        ("[]", &[]),
    ] {
        let connections = read(text);
        let found: Vec<&str> = connections.iter().filter_map(|connection| connection.conn_id.as_deref()).collect();
        assert_eq!(found, names, "{text}");
    }
}

#[test]
fn extra_in_every_form() {
    let connections = fixture("extras.json");
    let usual = json!({"sslmode": "require", "nested": {"deep": [1, true, null]}});
    let python = json!({"ratio": "NaN", "limit": "Infinity", "floor": "-Infinity"});
    let extras: Vec<_> = connections.iter().map(|connection| json!(connection.extra.object())).collect();
    assert_eq!(extras, [usual.clone(), usual.clone(), usual, python.clone(), python]);
}

#[test]
fn a_byte_order_mark_and_foreign_line_ends() {
    let connections = fixture("bom-crlf.json");
    assert_eq!(origins(&connections), ["bom-crlf.json:2#/warehouse"]);
    assert_eq!(connections[0].host.as_deref(), Some("db1.example"));
}

#[test]
fn repeated_names_and_keys_are_kept_and_told() {
    let mut connections = fixture("duplicates.json");
    mark_ambiguous(&mut connections, &[]);
    let hosts: Vec<_> = connections.iter().map(|connection| connection.host.as_deref().unwrap()).collect();
    assert_eq!(hosts, ["db1.example", "db2.example", "db3.example", "db5.example", "db6.example"]);
    assert_eq!(
        origins(&connections),
        [
            "duplicates.json:2#/warehouse",
            "duplicates.json:4#/warehouse/0",
            "duplicates.json:5#/warehouse/1",
            "duplicates.json:7#/shop",
            "duplicates.json:8#/warehouse",
        ]
    );
    let occurrences: Vec<_> = connections.iter().map(|connection| connection.origin.occurrence).collect();
    assert_eq!(occurrences, [0, 1, 1, 0, 2]);
    let mut ids: Vec<_> = connections.iter().map(connprobe::model::connection::Connection::id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 5, "every entry has an id of its own");

    for at in [0, 1, 2, 4] {
        assert_eq!(codes(&connections[at]), ["duplicate_key", "ambiguous_conn_id"]);
        assert_eq!(
            connections[at].warnings[0].message,
            "the name stands 3 times in the file; each is checked, Airflow takes the last"
        );
    }
    let messages: Vec<_> = connections[3].warnings.iter().map(|warning| warning.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "`host` stands 2 times in this entry; the last one counts, as in Airflow",
            "`extra.charset` stands more than once; the last one counts, as in Airflow",
        ]
    );
    assert_eq!(codes(&connections[3]), ["duplicate_field"; 2]);
    assert_eq!(json!(connections[3].extra.object()), json!({"charset": "utf8"}));
}
