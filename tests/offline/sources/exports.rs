//! An exported connection is loaded again as the same connection, in every format. Airflow's own exports are loaded
//! completely.

use connprobe::model::connection::{Connection, Origin};
use connprobe::model::extra::Extra;
use connprobe::model::secret::Secret;
use connprobe::report::export::{self, ExportError, ExportFormat, Secrets};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::sources::{CANARY, codes, definitions, load, read_file};

const FORMATS: [(ExportFormat, &str); 4] = [
    (ExportFormat::Json, "c.json"),
    (ExportFormat::Yaml, "c.yaml"),
    (ExportFormat::Env, "c.env"),
    (ExportFormat::EnvJson, "c.env"),
];

fn written(connections: &[Connection], format: ExportFormat, secrets: Secrets) -> Result<String, ExportError> {
    let mut out = Vec::new();
    export::write(&mut out, format, connections.iter(), secrets)?;
    Ok(String::from_utf8(out).unwrap())
}

fn connection(conn_id: Option<&str>) -> Connection {
    let origin = Origin { source: "c".into(), line: Some(7), pointer: String::new(), occurrence: 0 };
    Connection { conn_id: conn_id.map(str::to_owned), conn_type: Some("postgres".into()), ..Connection::new(origin) }
}

/// The whole content of a definition, as JSON.
fn said(connection: &Connection, format: ExportFormat) -> Value {
    json!({
        "conn_id": connection.conn_id,
        "conn_type": connection.conn_type,
        "description": connection.description.as_ref().filter(|_| format != ExportFormat::Env),
        "host": connection.host,
        "schema": connection.schema,
        "login": connection.login,
        "password": connection.password().map(Secret::expose),
        "port": connection.port,
        "extra": connection.extra.object(),
    })
}

/// Texts that are not empty, and awkward in one format or another.
fn text() -> impl Strategy<Value = Option<String>> {
    let words = prop_oneof![
        "[a-zA-Z0-9 \"'\\\\/{}é€😀\\t\\n\\r\\x00-\\x1f\\x7f\\u{85}\\u{2028}\\u{feff}@:%#?&*!|>,=<`~$-]{1,16}",
        "\\PC{1,12}",
        "(yes|No|~|null|012|1_0|1:30|0x1F|\\.inf|2024-01-01|<<|- a|a: b|a #b|#a|\\?|---|true|5|NaN|1e5)",
    ];
    proptest::option::of(words.prop_filter("a mask is no value", |text| text != "***"))
}

fn extra() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(json!(1.5)),
        text().prop_map(|text| json!(text.unwrap_or_default())),
    ];
    let value = leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map("\\PC{0,6}", inner, 0..3).prop_map(|object| json!(object)),
        ]
    });
    prop_oneof![
        proptest::collection::btree_map("(\\PC{0,8}|__extra__)", value, 0..4).prop_map(|object| json!(object)),
        proptest::collection::btree_map("[a-z_]{1,8}", text().prop_map(Option::unwrap_or_default), 0..4)
            .prop_map(|object| json!(object)),
    ]
}

fn any_connection() -> impl Strategy<Value = Connection> {
    let fields = proptest::collection::vec(text(), 5);
    ("[A-Za-z0-9_.é-]{1,12}", "[a-z][a-z0-9_]{0,8}", fields, proptest::option::of(1..=u16::MAX), extra()).prop_map(
        |(conn_id, conn_type, mut fields, port, extra)| {
            let Value::Object(extra) = extra else { unreachable!() };
            Connection {
                conn_type: Some(if conn_type == "postgresql" { "postgres".to_owned() } else { conn_type }),
                description: fields.pop().unwrap(),
                host: fields.pop().unwrap(),
                schema: fields.pop().unwrap(),
                login: fields.pop().unwrap(),
                password: fields.pop().unwrap().map(Secret::new),
                port,
                extra: Extra::new(extra),
                ..connection(Some(&conn_id))
            }
        },
    )
}

proptest! {
    #[test]
    fn any_connection_survives_every_format(connections in proptest::collection::vec(any_connection(), 1..4)) {
        for (format, name) in FORMATS {
            let text = written(&connections, format, Secrets::With).unwrap();
            let mut loaded = read_file(name, &text);
            prop_assert_eq!(loaded.len(), connections.len(), "{}", text);
            // Connections that share a name are written together.
            let mut connections: Vec<&Connection> = connections.iter().collect();
            connections.sort_by_key(|connection| connection.conn_id.clone());
            loaded.sort_by_key(|connection| connection.conn_id.clone());
            for (loaded, connection) in loaded.iter().zip(connections) {
                prop_assert_eq!(&loaded.problems[..], &[][..], "{}", text);
                prop_assert_eq!(said(loaded, format), said(connection, format), "{}", text);
                let expected = ["json_text", "duplicate_key"];
                prop_assert!(codes(loaded).iter().all(|code| expected.contains(code)), "{} {:?}", text, codes(loaded));
            }
        }
    }

    /// Words with a meaning in YAML 1.1 or in JSON stay texts when the file is read.
    #[test]
    fn yaml_quotes_what_is_no_plain_text(text in "[a-zA-Z0-9_./ -]{1,6}") {
        let connection = Connection { host: Some(text.clone()), ..connection(Some("a")) };
        let yaml = written(std::slice::from_ref(&connection), ExportFormat::Yaml, Secrets::With).unwrap();
        let loaded = read_file("c.yaml", &yaml);
        prop_assert_eq!(loaded[0].host.as_deref(), Some(text.as_str()));
        prop_assert_eq!(codes(&loaded[0]), vec![""; 0]);
    }
}

#[test]
fn without_secrets_nothing_of_them_is_written() {
    let Value::Object(extra) = json!({"token": CANARY}) else { panic!() };
    let connection = Connection {
        host: Some("h".into()),
        login: Some("u".into()),
        password: Some(Secret::new(CANARY.into())),
        extra: Extra::new(extra),
        ..connection(Some("a"))
    };
    let connections = [connection];
    for (format, name) in FORMATS {
        let text = written(&connections, format, Secrets::Without).unwrap();
        assert!(!text.contains(CANARY), "{text}");
        let loaded = read_file(name, &text);
        assert_eq!((loaded[0].login.as_deref(), loaded[0].password().is_none()), (Some("u"), true));
        assert!(loaded[0].extra.object().is_empty());
        assert!(written(&connections, format, Secrets::With).unwrap().contains(CANARY));
    }
}

#[test]
fn what_has_no_place_in_a_format_is_refused_before_anything_is_written() {
    use ExportFormat::{Env, EnvJson, Json, Yaml};
    let untyped = || Connection { conn_type: None, ..connection(Some("b")) };
    let origin = || connection(None).origin;
    let name = || ExportError::Name { origin: origin() };
    for (bad, formats, expected) in [
        (connection(None), &[Json, Yaml, Env, EnvJson][..], ExportError::Unnamed { origin: origin() }),
        (connection(Some("a b")), &[Env, EnvJson], name()),
        (connection(Some("#a")), &[Env, EnvJson], name()),
        (connection(Some("AIRFLOW_HOME")), &[Env, EnvJson], name()),
        (untyped(), &[Env], ExportError::Type { origin: origin() }),
    ] {
        let expected = format!("{expected:?}");
        let connections = [connection(Some("a")), bad];
        for (format, _) in FORMATS {
            let mut out = Vec::new();
            let result = export::write(&mut out, format, connections.iter(), Secrets::With);
            match result {
                Err(error) if formats.contains(&format) => {
                    assert_eq!((format!("{error:?}"), out.len()), (expected.clone(), 0));
                    assert!(error.hint().is_some());
                }
                result => assert!(result.is_ok() && !formats.contains(&format), "{format:?}: {expected}"),
            }
        }
    }
}

#[test]
fn no_connection_is_an_empty_mapping() {
    for (format, text) in [(ExportFormat::Json, "{}\n"), (ExportFormat::Yaml, "{}\n"), (ExportFormat::Env, "")] {
        assert_eq!(written(&[], format, Secrets::With).unwrap(), text);
    }
}

/// `fixtures/definitions/airflow` holds what Airflow 3.3.2 exported from one database.
#[test]
fn airflows_own_exports_are_loaded_whole_and_written_alike() {
    let directory = definitions().join("airflow");
    let of = |name: &str| {
        let connections = load(&format!("{}", directory.join(name).display())).unwrap().connections;
        assert!(connections.iter().all(|connection| connection.problems.is_empty()), "{name}: {connections:?}");
        connections
    };
    let json = of("export.json");
    assert!(json.len() > 10 && json.iter().all(|connection| codes(connection).is_empty()));
    for (name, format) in [
        ("export.yaml", ExportFormat::Yaml),
        ("export.env", ExportFormat::Env),
        ("export-json.env", ExportFormat::EnvJson),
    ] {
        let other = of(name);
        let pairs: Vec<_> = other
            .iter()
            .map(|connection| said(connection, format))
            .zip(json.iter().map(|connection| said(connection, format)))
            .collect();
        assert_eq!(pairs.len(), json.len(), "{name}");
        for (found, expected) in pairs {
            assert_eq!(found, expected, "{name}");
        }
    }
    for (name, format) in [("export.json", ExportFormat::Json), ("export-json.env", ExportFormat::EnvJson)] {
        let text = std::fs::read_to_string(directory.join(name)).unwrap();
        let ours = written(&json, format, Secrets::With).unwrap();
        assert_eq!(ours.trim_end(), text.trim_end(), "{name}");
    }
}
