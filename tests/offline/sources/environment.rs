//! `env:`: environment variables, looked up the way Airflow does.

use connprobe::model::connection::Connection;
use connprobe::model::notice::{Notice, VariableNotice};
use connprobe::model::problem::EntryFlaw;
use connprobe::model::reason::unusable::Entries;
use connprobe::model::reason::{ReasonCode, Unusable};
use connprobe::source::{self, Environment, Settings, SourceError};
use serde_json::json;

use crate::airflow::unusable;
use crate::snapshot;
use crate::sources::{CANARY, codes, password, shown};
use crate::waiting::wait;

fn load(variables: &[(&str, &str)]) -> Result<Vec<Connection>, SourceError> {
    let variables = variables.iter().map(|(name, value)| (name.into(), value.into()));
    let settings = Settings { environment: Environment::of(variables), ..Settings::default() };
    wait(source::load(&"env:".parse().unwrap(), &settings.into())).map(|loaded| loaded.connections)
}

#[test]
fn every_variable_of_airflows_is_a_connection() {
    let connections = load(&[
        ("AIRFLOW_CONN_WAREHOUSE", "postgres://etl:CANARY@db1.example:5432/sales?sslmode=require"),
        (
            "AIRFLOW_CONN_DASH-X",
            r#" {"conn_type": "mysql", "host": "db2.example", "port": "3306", "extra": {"charset": "utf8"}}"#,
        ),
        ("AIRFLOW_CONN__ETL___SHOP", "mysql://db3.example"),
        ("AIRFLOW_CONN__X", "mysql://db4.example"),
        ("AIRFLOW_CONN_EMPTY", ""),
        ("AIRFLOW_VAR_X", "CANARY"),
        ("PATH", "/bin"),
    ])
    .unwrap();
    let found: Vec<_> = connections
        .iter()
        .map(|connection| {
            assert_eq!((&connection.problems[..], codes(connection)), (&[][..], vec![]));
            (connection.origin.to_string(), connection.conn_id.as_deref().unwrap(), connection.host.as_deref().unwrap())
        })
        .collect();
    assert_eq!(
        found,
        [
            ("env:AIRFLOW_CONN_DASH-X".to_owned(), "dash-x", "db2.example"),
            ("env:AIRFLOW_CONN_WAREHOUSE".to_owned(), "warehouse", "db1.example"),
            ("env:AIRFLOW_CONN__ETL___SHOP".to_owned(), "shop", "db3.example"),
            ("env:AIRFLOW_CONN__X".to_owned(), "_x", "db4.example"),
        ]
    );
    assert_eq!((password(&connections[1]), connections[0].port), (CANARY, Some(3306)));
    assert_eq!(json!(connections[0].extra.object()), json!({"charset": "utf8"}));
    assert!(!format!("{connections:?}").contains(CANARY));
}

#[test]
fn a_malformed_variable_is_an_entry_of_its_own() {
    for (name, value, reason) in [
        ("a blank", " ", ReasonCode::BadEntry),
        ("a word", "CANARY", ReasonCode::BadUri),
        ("a URI in quotes", "'postgres://u:CANARY@h'", ReasonCode::BadUri),
        ("a list", "[\"CANARY\"]", ReasonCode::BadUri),
        ("a comma too many", "{\"password\": \"CANARY\",}", ReasonCode::BadEntry),
        ("a word as the port", "{\"port\": \"CANARY\"}", ReasonCode::BadField),
        ("stars", "{\"password\": \"***\"}", ReasonCode::SecretMasked),
    ] {
        let connections = load(&[("AIRFLOW_CONN_BAD", value), ("AIRFLOW_CONN_FINE", "postgres://h")]).unwrap();
        let [problem] = &connections[0].problems[..] else { panic!("{connections:?}") };
        assert_eq!(problem.reason, reason, "{value}");
        snapshot::hold("bad-definitions.txt", &format!("a variable: {name}"), &shown(problem));
        assert_eq!((connections[0].conn_id.as_deref(), &connections[1].problems[..]), (Some("bad"), &[][..]));
        assert!(!format!("{connections:?}").contains(CANARY), "{value}");
    }
}

#[test]
fn a_name_that_airflow_never_finds_is_told() {
    let connections = load(&[("AIRFLOW_CONN_", "postgres://h"), ("AIRFLOW_CONN_shop", "postgres://h")]).unwrap();
    assert_eq!(connections[0].problems, [EntryFlaw::VariableNameless.into()]);
    assert_eq!(connections[1].conn_id.as_deref(), Some("shop"));
    let capitals = "AIRFLOW_CONN_SHOP".to_owned();
    assert_eq!(connections[1].warnings, [VariableNotice::SmallLetters { capitals }.warning()]);
}

#[test]
fn bytes_that_are_no_text_are_an_entry_too() {
    use std::os::unix::ffi::OsStringExt;
    let value = std::ffi::OsString::from_vec(b"postgres://u:CANARY\xff@h".to_vec());
    let settings = Settings { environment: Environment::of([("AIRFLOW_CONN_A".into(), value)]), ..Settings::default() };
    let loaded = wait(source::load(&"env:".parse().unwrap(), &settings.into())).unwrap();
    assert_eq!(loaded.connections[0].problems, [EntryFlaw::VariableNotUtf8.into()]);
}

#[test]
fn no_variable_at_all_is_a_source_that_cannot_be_read() {
    for variables in [&[][..], &[("AIRFLOW_CONN_A", "")], &[("AIRFLOW_HOME", "/x")]] {
        let error = load(variables).unwrap_err();
        assert_eq!(unusable(&error), &Unusable::from(Entries::NoVariable));
        assert!(error.hint().is_some());
    }
}
