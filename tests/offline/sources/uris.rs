//! URIs as definitions: how the query is read, and the rows of connections.md whose `extra` matters.

use serde_json::{Value, json};

use crate::sources::{codes, password, read};

fn extra_of(uri: &str) -> (Value, Vec<String>) {
    let connections = read(&json!({"a": uri}).to_string());
    assert_eq!(connections[0].problems, [], "{uri}");
    let codes = codes(&connections[0]).into_iter().map(str::to_owned).collect();
    (json!(connections[0].extra.object()), codes)
}

#[test]
fn the_query_becomes_extra() {
    for (query, extra) in [
        ("", json!({})),
        ("x=1", json!({"x": "1"})),
        ("a=1&b", json!({"a": "1", "b": ""})),
        ("srv=false", json!({"srv": "false"})),
        ("a=null&b=1e5&c=NaN&d=%22q%22", json!({"a": "null", "b": "1e5", "c": "NaN", "d": "\"q\""})),
        ("x=%7B%22n%22%3A%7B%22k%22%3A%5B1%2C2%5D%7D%7D", json!({"x": {"n": {"k": [1, 2]}}})),
        ("x=%5B1%2C2%5D", json!({"x": [1, 2]})),
        ("x=%7Bbroken", json!({"x": "{broken"})),
        ("__extra__=%7B%22n%22%3A1%2C%22x%22%3ANaN%7D", json!({"n": 1, "x": "NaN"})),
        ("__extra__=", json!({})),
        ("__extra__=null", json!({})),
        ("__EXTRA__=x", json!({"__EXTRA__": "x"})),
        ("region_name=us-east-1", json!({"region_name": "us-east-1"})),
        (
            "sslmode=require&connect_timeout=10&keepalives=true",
            json!({"sslmode": "require", "connect_timeout": "10", "keepalives": "true"}),
        ),
    ] {
        assert_eq!(extra_of(&format!("postgres://u:p@h/db?{query}")), (extra, vec![]), "{query}");
    }
}

#[test]
fn what_airflow_loses_of_the_query_is_kept_and_told() {
    for (query, code, extra) in [
        ("a=1&a=2&b", "duplicate_field", json!({"a": "2", "b": ""})),
        ("__extra__=%7B%22n%22%3A1%7D&sslmode=require", "uri_extra_shadow", json!({"n": 1, "sslmode": "require"})),
        (
            "sslmode=require&__extra__=%7B%22sslmode%22%3A%22disable%22%7D",
            "uri_extra_shadow",
            json!({"sslmode": "disable"}),
        ),
        ("url=http://x/y", "uri_query_url", json!({"url": "http://x/y"})),
    ] {
        assert_eq!(extra_of(&format!("postgres://h/db?{query}")), (extra, vec![code.to_owned()]), "{query}");
    }
}

#[test]
fn a_definition_as_json_text_is_read_though_airflow_takes_it_for_a_uri() {
    let inner =
        json!({"conn_type": "postgres", "host": "h", "password": "p", "extra": {"sslmode": "require"}}).to_string();
    let connections = read(&json!({"a": inner}).to_string());
    assert_eq!(connections[0].problems, []);
    assert_eq!((connections[0].host.as_deref(), password(&connections[0])), (Some("h"), "p"));
    assert_eq!(codes(&connections[0]), ["json_text"]);
}

/// As Airflow's own documentation writes it for MongoDB: the driver reads the option from the schema.
#[test]
fn a_query_that_is_escaped_stays_in_the_schema() {
    let read = read(r#"{"a": "mongo://sa:CANARY@127.0.0.1:27017/%3FauthSource%3Dadmin"}"#);
    assert_eq!(read[0].schema.as_deref(), Some("?authSource=admin"));
    assert_eq!((&read[0].problems[..], codes(&read[0])), (&[][..], vec![]));
}

#[test]
fn a_megabyte_of_uri_is_one_entry() {
    let long = "&a=b".repeat(1 << 18);
    let connections = read(&json!({"a": format!("postgres://u:p@h/db?{long}"), "b": "postgres://h"}).to_string());
    assert_eq!(connections.len(), 2);
    assert_eq!((&connections[0].problems[..], codes(&connections[0])), (&[][..], vec!["duplicate_field"]));
}
