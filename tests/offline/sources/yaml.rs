//! YAML definitions: the same shapes as in JSON, and the meaning of YAML's own words in the fields of a connection.

use connprobe::model::notice::{EntryNotice, Notice, SourceNotice};
use connprobe::model::problem::{EntryFlaw, GivenFlaw};
use connprobe::model::reason::{Field, ReasonCode};
use connprobe::model::secret::Secret;
use serde_json::json;

use crate::snapshot;
use crate::sources::{CANARY, codes, load_file, password, read_file};

/// The name of a tagged value in messages.
const TAGGED: &str = "a value with a tag";

#[test]
fn the_shapes_of_json_in_yaml() {
    let text = "
# as `airflow connections export` writes it
warehouse:
  conn_type: postgres
  description: null
  extra: '{\"sslmode\": \"require\"}'
  host: db1.example
  login: etl
  password: CANARY
  port: 5432
  schema: sales
shop: mysql://app:CANARY@db2.example:3306/shop
lists:
- conn_type: mssql
  host: db3.example
- postgres://db4.example
warehouse: {conn_type: postgres, host: db5.example}
";
    let connections = read_file("c.yaml", text);
    let found: Vec<_> = connections
        .iter()
        .map(|connection| (connection.origin.to_string(), connection.host.as_deref().unwrap(), codes(connection)))
        .collect();
    assert_eq!(
        found,
        [
            ("c.yaml:3#/warehouse".to_owned(), "db1.example", vec!["duplicate_key"]),
            ("c.yaml:12#/shop".to_owned(), "db2.example", vec![]),
            ("c.yaml:14#/lists/0".to_owned(), "db3.example", vec![]),
            ("c.yaml:16#/lists/1".to_owned(), "db4.example", vec![]),
            ("c.yaml:17#/warehouse".to_owned(), "db5.example", vec!["duplicate_key"]),
        ]
    );
    assert_eq!((password(&connections[0]), password(&connections[1])), (CANARY, CANARY));
    assert_eq!(json!(connections[0].extra.object()), json!({"sslmode": "require"}));
    for (name, text) in [
        ("c.yml", "- {conn_id: a, conn_type: postgres, host: h}\n- {conn_id: b, conn_type: mysql, host: h}"),
        ("c.YAML", "a: postgres://h\nb: mysql://h"),
        ("c.yaml", "{\"a\": {\"conn_type\": \"postgres\", \"host\": \"h\"}, \"b\": \"mysql://h\"}"),
        ("c.yaml", "defaults: &d {conn_type: postgres}\na: {<<: *d, host: h}\n"),
    ] {
        let connections = read_file(name, text);
        assert_eq!(connections.len(), 2, "{text}");
        assert!(connections.iter().all(|connection| connection.problems.is_empty()), "{text}");
    }
    let alone = read_file("c.yaml", "conn_type: postgres\nhost: h");
    assert_eq!((alone.len(), alone[0].conn_id.as_deref(), alone[0].host.as_deref()), (1, None, Some("h")));
}

#[test]
fn a_text_is_what_its_owner_meant() {
    for (written, text, code) in [
        ("\"yes\"", Some("yes"), None),
        ("'012'", Some("012"), None),
        ("!!str 012", Some("012"), None),
        ("yes", Some("yes"), Some("not_text")),
        ("off", Some("off"), Some("not_text")),
        ("012", Some("012"), Some("not_text")),
        ("1_000", Some("1_000"), Some("not_text")),
        ("0x1F", Some("0x1F"), Some("not_text")),
        ("12:30:45", Some("12:30:45"), Some("not_text")),
        ("1234", Some("1234"), Some("not_text")),
        ("2024-01-01", Some("2024-01-01"), Some("not_text")),
        ("1e5", Some("1e5"), None),
        ("10.0.0.1", Some("10.0.0.1"), None),
        ("a#b", Some("a#b"), None),
        ("a # b", Some("a"), None),
        ("~", None, None),
        ("null", None, None),
        ("", None, None),
        ("\"null\"", Some("null"), None),
        ("|\n    two\n    lines", Some("two\nlines"), None),
    ] {
        for field in ["host", "login", "password", "schema"] {
            let connections = read_file("c.yaml", &format!("a:\n  conn_type: x\n  {field}: {written}\n"));
            let connection = &connections[0];
            let found = match field {
                "host" => connection.host.as_deref(),
                "login" => connection.login.as_deref(),
                "schema" => connection.schema.as_deref(),
                _ => connection.password.as_ref().map(Secret::expose),
            };
            assert_eq!(found.map(str::trim_end), text, "{field}: {written}");
            assert_eq!(codes(connection), code.into_iter().collect::<Vec<_>>(), "{field}: {written}");
            assert_eq!(connection.problems, [], "{field}: {written}");
        }
    }
}

#[test]
fn a_port_is_the_number_that_airflow_reads_or_says_so() {
    for (written, port, code) in [
        ("5432", 5432, None),
        ("'5432'", 5432, None),
        ("5_432", 5432, None),
        ("0x1538", 5432, None),
        ("+5432", 5432, None),
        ("05432", 5432, Some("yaml_octal")),
        ("'05432'", 5432, None),
    ] {
        let connections = read_file("c.yaml", &format!("a: {{conn_type: x, port: {written}}}"));
        assert_eq!(
            (connections[0].port, codes(&connections[0])),
            (Some(port), code.into_iter().collect()),
            "{written}"
        );
    }
    let connections = read_file("c.yaml", "a: {conn_type: x, port: 05432}");
    assert_eq!(connections[0].warnings, [EntryNotice::YamlOctal { read: "2842".into() }.warning()]);
    let out_of_range = |written: &str| GivenFlaw::PortOutOfRange { written: written.to_owned() };
    for (written, flaw) in [
        ("yes", GivenFlaw::PortNotANumber),
        ("1.5", out_of_range("1.5")),
        ("2024-01-01", GivenFlaw::PortNotANumber),
        ("CANARY", GivenFlaw::PortNotANumber),
        ("70_000", out_of_range("70000")),
        ("!vault CANARY", GivenFlaw::PortOfKind { found: TAGGED }),
    ] {
        let connections = read_file("c.yaml", &format!("a: {{conn_type: x, port: {written}}}"));
        assert_eq!(connections[0].problems, [flaw.into()], "{written}");
    }
}

#[test]
fn extra_has_the_values_that_airflow_reads() {
    let text = "a:\n  conn_type: x\n  extra:\n    tls: yes\n    octal: 012\n    big: 1_000\n    text: 1e5\n    day: 2024-01-01\n    none: ~\n    nan: .nan\n    list: [1, off]\n    8: x\n";
    let connections = read_file("c.yaml", text);
    assert_eq!(
        json!(connections[0].extra.object()),
        json!({"tls": true, "octal": 10, "big": 1000, "text": "1e5", "day": "2024-01-01", "none": null, "nan": "NaN", "list": [1, false], "8": "x"})
    );
    assert_eq!((&connections[0].problems[..], codes(&connections[0])), (&[][..], vec![]));
}

#[test]
fn what_has_a_tag_is_a_problem_of_its_own_entry() {
    let found = TAGGED;
    for (entry, problem) in [
        ("!vault CANARY", EntryFlaw::OtherKind { found }.into()),
        ("!x {conn_type: postgres, password: CANARY}", EntryFlaw::OtherKind { found }.into()),
        (
            "{conn_type: x, password: !vault CANARY}",
            GivenFlaw::NotText { written: "password".into(), field: Some(Field::PASSWORD), found }.into(),
        ),
        ("{conn_type: x, extra: !!binary CANARY}", GivenFlaw::ExtraNotObject { field: "extra".into(), found }.into()),
        (
            "{conn_type: x, extra: {token: !vault CANARY}}",
            GivenFlaw::ExtraTagged { path: "extra.token".into(), found }.into(),
        ),
    ] {
        let connections = read_file("c.yaml", &format!("bad: {entry}\nfine: postgres://h"));
        assert_eq!(connections[0].problems, [problem], "{entry}");
        assert_eq!(connections[1].problems, [], "{entry}");
        assert!(!format!("{connections:?}").contains(CANARY), "{entry}");
    }
}

#[test]
fn a_name_that_airflow_takes_for_no_text_is_told() {
    let connections = read_file("c.yaml", "1: postgres://h\nno: postgres://h\nx: postgres://h\n'2': postgres://h");
    let found: Vec<_> =
        connections.iter().map(|connection| (connection.conn_id.as_deref().unwrap(), codes(connection))).collect();
    assert_eq!(
        found,
        [("1", vec!["conn_id_not_text"]), ("no", vec!["conn_id_not_text"]), ("x", vec![]), ("2", vec![])]
    );
    let not_text = SourceNotice::NameNotText { kind: "true or false" };
    assert_eq!(connections[1].warnings, [not_text.warning()]);
}

#[test]
fn a_file_that_cannot_be_read_says_where() {
    for (name, text) in [
        ("two colons", "a: CANARY: b"),
        ("two documents", "a: b\n---\nc: d"),
        ("a comment alone", "# nothing"),
        ("null", "--- ~"),
        ("a text", "CANARY"),
        ("a key with a tag", "!x a: b"),
        ("a document with a tag", "--- !x\na: b"),
    ] {
        let error = load_file("c.yaml", text).unwrap_err();
        assert_eq!(error.reason(), ReasonCode::SourceMalformed, "{text}: {error}");
        let message = error.to_string();
        assert!(!message.contains(CANARY), "{message}");
        let (_, behind) = message.split_once("c.yaml` ").expect("the name of the file");
        snapshot::hold("bad-definitions.txt", &format!("YAML: {name}"), behind);
    }
}
