//! Field by field: spellings, forms, and what deserves a warning.

use connprobe::model::notice::{EntryNotice, Notice};
use connprobe::model::secret::Secret;
use serde_json::json;

use crate::sources::{codes, password, read};

#[test]
fn every_spelling_of_a_field_is_read() {
    for (spelling, value) in [("conn_type", "x"), ("type", "x"), ("connection_type", "x"), ("engine", "x")] {
        let connections = read(&json!({"a": {"host": "h", spelling: value}}).to_string());
        assert_eq!(connections[0].conn_type.as_deref(), Some(value), "{spelling}");
        assert_eq!(codes(&connections[0]), [""; 0], "{spelling}");
    }
    for (spellings, field) in [
        (&["host", "hostname", "server", "remote_host"][..], 0),
        (&["schema", "database", "db", "dbname"], 1),
        (&["login", "user", "username", "user_name"], 2),
        (&["password", "pass", "passwd", "pw"], 3),
        (&["description"], 4),
    ] {
        for spelling in spellings {
            let connections = read(&json!({"a": {"conn_type": "x", *spelling: "value"}}).to_string());
            let connection = &connections[0];
            let fields = [
                connection.host.as_deref(),
                connection.schema.as_deref(),
                connection.login.as_deref(),
                connection.password().map(Secret::expose),
                connection.description.as_deref(),
            ];
            let expected: Vec<_> = (0..5).map(|at| (at == field).then_some("value")).collect();
            assert_eq!(fields, expected[..], "{spelling}");
            assert_eq!(codes(connection), [""; 0], "{spelling}");
        }
    }
    for spelling in ["conn_id", "connection_id", "name"] {
        let connections = read(&json!([{"conn_type": "x", spelling: "a"}]).to_string());
        assert_eq!(connections[0].conn_id.as_deref(), Some("a"), "{spelling}");
    }
}

#[test]
fn spellings_that_agree_or_say_nothing_are_fine() {
    for text in [
        r#"{"a": {"conn_type": "x", "login": "u", "user": "u"}}"#,
        r#"{"a": {"conn_type": "x", "login": "u", "user": null}}"#,
        r#"{"a": {"conn_type": "x", "login": "", "user": "u"}}"#,
        r#"{"a": {"conn_type": "x", "name": "A title", "login": "u"}}"#,
        r#"{"a": {"conn_type": "x", "conn_id": "a", "login": "u"}}"#,
        r#"[{"conn_type": "x", "conn_id": "a", "name": "A title", "login": "u"}]"#,
    ] {
        let connections = read(text);
        assert_eq!(
            (connections[0].conn_id.as_deref(), connections[0].login.as_deref()),
            (Some("a"), Some("u")),
            "{text}"
        );
        assert_eq!((&connections[0].problems[..], codes(&connections[0])), (&[][..], vec![]), "{text}");
    }
}

#[test]
fn airflows_bookkeeping_is_passed_over() {
    let text = json!({"a": {
        "conn_type": "x", "id": 7, "team_name": "t", "is_encrypted": "True", "is_extra_encrypted": true, "get_uri": "x://***"
    }});
    let connections = read(&text.to_string());
    assert_eq!((&connections[0].problems[..], codes(&connections[0])), (&[][..], vec![]));
}

#[test]
fn absent_has_many_forms() {
    for value in [json!(null), json!("")] {
        let text = json!({"a": {
            "conn_type": value, "host": value, "schema": value, "login": value, "password": value,
            "port": value, "extra": value, "description": value, "uri": value
        }});
        let connections = read(&text.to_string());
        let connection = &connections[0];
        let texts =
            [&connection.conn_type, &connection.host, &connection.schema, &connection.login, &connection.description];
        assert!(texts.iter().all(|text| text.is_none()), "{connection:?}");
        assert!(connection.password().is_none() && connection.port.is_none());
        assert_eq!(connection.problems, []);
    }
}

#[test]
fn numbers_in_place_of_texts_are_taken_as_written() {
    let connections = read(r#"{"a": {"conn_type": "x", "login": 7, "password": 1e5, "schema": 007, "host": "h"}}"#.replace("007", "70").as_str());
    let connection = &connections[0];
    assert_eq!(
        (connection.login.as_deref(), password(connection), connection.schema.as_deref()),
        (Some("7"), "1e5", Some("70"))
    );
    assert_eq!(codes(connection), ["not_text"; 3]);
    assert!(!format!("{:?}", connection.warnings).contains("1e5"), "{connection:?}");
}

#[test]
fn unknown_fields_are_named_with_the_nearest_known_one() {
    let connections = read(r#"{"a": {"conn_type": "x", "pasword": "CANARY", "sslmode": "CANARY", "Host": "CANARY"}}"#);
    let expected = [("pasword", Some("password")), ("sslmode", None), ("Host", Some("host"))]
        .map(|(field, guess)| EntryNotice::UnknownField { field: field.to_owned(), guess })
        .map(|notice| notice.warning());
    assert_eq!(connections[0].warnings, expected);
}

#[test]
fn a_flood_of_unknown_fields_stays_short() {
    let fields: Vec<String> = (0..1000).map(|number| format!(r#""field_{number}": 1"#)).collect();
    let fields = fields.join(", ");
    let long = "k".repeat(1 << 20);
    let connections = read(&format!(r#"{{"a": {{"{long}": 1, {fields}, "conn_type": "x"}}}}"#));
    assert_eq!(connections[0].warnings.len(), 11);
    assert!(connections[0].warnings.iter().all(|warning| warning.message.len() < 300));
    let more = EntryNotice::MoreUnknownFields { count: 991 };
    assert_eq!(connections[0].warnings[10], more.warning());
}

#[test]
fn an_inner_name_that_differs_is_told_and_the_key_stays() {
    let connections =
        read(r#"{"outer": {"conn_id": "inner", "conn_type": "x"}, "list": [{"conn_id": "inner", "conn_type": "x"}]}"#);
    for (connection, key) in connections.iter().zip(["outer", "list"]) {
        assert_eq!((connection.conn_id.as_deref(), codes(connection)), (Some(key), vec!["conn_id_mismatch"]));
    }
}

#[test]
fn types_are_kept_as_written() {
    let connections = read(r#"{"a": {"conn_type": "PostgreSQL"}, "b": {"conn_type": "my-type"}}"#);
    let types: Vec<_> = connections.iter().map(|connection| connection.conn_type.as_deref()).collect();
    assert_eq!(types, [Some("PostgreSQL"), Some("my-type")]);
}

#[test]
fn an_empty_key_is_no_name() {
    let connections = read(r#"{"": {"conn_type": "x"}}"#);
    assert_eq!((connections[0].conn_id.as_deref(), connections[0].origin.pointer.as_str()), (None, "/"));
}

#[test]
fn a_name_that_may_hold_a_password_is_not_shown() {
    for document in [
        r#"{"postgres://u:CANARY@h": null}"#,
        r#"{"postgres:/u:CANARY@h": {"conn_type": "postgres", "host": "h"}}"#,
        r#"[{"conn_id": "postgres://u:CANARY@h", "conn_type": "postgres", "host": "h"}]"#,
        r#"[{"name": "u:CANARY@h", "conn_type": "postgres", "host": "h"}]"#,
    ] {
        let connections = read(document);
        let connection = &connections[0];
        let told = format!("{} {:?} {:?}", connection.origin, connection.problems, connection.warnings);
        assert!(!told.contains("CANARY"), "{told}");
        assert_eq!(connection.conn_id, None, "{told}");
        assert!(codes(connection).contains(&"name_hidden"), "{told}");
    }
    // Two such entries are still two definitions, each with its own id.
    let connections = read(r#"{"a://u:1@h": "postgres://h", "a://u:2@h": "postgres://h"}"#);
    assert_ne!(connections[0].id(), connections[1].id());
}

#[test]
fn a_key_that_holds_the_password_is_not_shown() {
    const SECRET: &str = "Zq9Kanari7xW";
    for key in ["*", "x*", "passwort_*", "*."] {
        let key = key.replace('*', SECRET);
        for text in [
            format!(r#"{{"c": {{"{key}": 1, "conn_type": "postgres", "host": "h", "password": "{SECRET}"}}}}"#),
            format!(r#"{{"c": {{"conn_type": "postgres", "extra": {{"sslpassword": "{SECRET}"}}, "{key}": 1}}}}"#),
            format!(r#"{{"c": {{"uri": "postgres://u:{SECRET}@h/d", "{key}": 1}}}}"#),
        ] {
            let connection = read(&text).remove(0);
            assert_eq!(codes(&connection), ["unknown_field"], "{text}");
            assert!(!format!("{:?}", connection.warnings).contains(SECRET), "{:?}", connection.warnings);
        }
    }
}
