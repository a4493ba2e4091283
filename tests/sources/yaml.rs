//! YAML definitions: the shapes of JSON, and what YAML's own words mean in the fields of a connection.

use connprobe::model::secret::Secret;
use serde_json::json;

use crate::{CANARY, codes, load_file, password, problems, read_file};

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
        assert!(connections.iter().all(|connection| problems(connection).is_empty()), "{text}");
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
            assert_eq!(problems(connection), [""; 0], "{field}: {written}");
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
    assert_eq!(
        connections[0].warnings[0].message,
        "Airflow reads this port as 2842: in YAML a number that begins with 0 is octal"
    );
    for (written, problem) in [
        ("yes", "`port` is not a number"),
        ("1.5", "`port` `1.5` is not a whole number from 1 to 65535"),
        ("2024-01-01", "`port` is not a number"),
        ("CANARY", "`port` is not a number"),
        ("70_000", "`port` `70000` is not a whole number from 1 to 65535"),
        ("!vault CANARY", "`port` must be a number, not a value with a tag"),
    ] {
        let connections = read_file("c.yaml", &format!("a: {{conn_type: x, port: {written}}}"));
        assert_eq!(problems(&connections[0]), [problem], "{written}");
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
    assert_eq!((problems(&connections[0]), codes(&connections[0])), (vec![], vec![]));
}

#[test]
fn what_has_a_tag_is_its_entrys_own_problem() {
    for (entry, problem) in [
        ("!vault CANARY", "a definition must be an object or a URI, not a value with a tag"),
        (
            "!x {conn_type: postgres, password: CANARY}",
            "a definition must be an object or a URI, not a value with a tag",
        ),
        ("{conn_type: x, password: !vault CANARY}", "`password` must be a text, not a value with a tag"),
        ("{conn_type: x, extra: !!binary CANARY}", "`extra` must be an object, not a value with a tag"),
        ("{conn_type: x, extra: {token: !vault CANARY}}", "`extra.token` is a value with a tag"),
    ] {
        let connections = read_file("c.yaml", &format!("bad: {entry}\nfine: postgres://h"));
        assert_eq!((problems(&connections[0]), problems(&connections[1])), (vec![problem], vec![]), "{entry}");
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
    assert_eq!(
        connections[1].warnings[0].message,
        "the name is true or false to Airflow, which then knows none: put it in quotes"
    );
}

#[test]
fn a_file_that_cannot_be_read_says_where() {
    for (text, message) in [
        ("a: CANARY: b", "`c.yaml` is not YAML: line 1, column 10: a second `: ` on one line, or a wrong indentation"),
        ("a: b\n---\nc: d", "`c.yaml` is not YAML: line 2, column 1: a second document"),
        ("# nothing", "`c.yaml` is empty"),
        ("--- ~", "`c.yaml` holds null instead of connections"),
        ("CANARY", "`c.yaml` holds a text instead of connections"),
        ("!x a: b", "`c.yaml` is not YAML: line 1, column 1: a key that is not a text"),
        ("--- !x\na: b", "`c.yaml` holds a value with a tag instead of connections"),
    ] {
        assert_eq!(load_file("c.yaml", text).unwrap_err(), message, "{text}");
    }
}
