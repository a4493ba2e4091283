//! The plan of a definition.

use serde_json::{Value, json};

use super::Postgres;
use crate::driver::Driver;
use crate::driver::tests::definition;
use crate::model::connection::Connection;
use crate::model::fingerprint::Fingerprint;
use crate::model::problem::Problem;

pub(super) fn connection(fields: &Value) -> Connection {
    definition::connection("postgres", fields)
}

/// Every problem of a definition.
pub(super) fn problems(definition: &Value) -> Vec<Problem> {
    Postgres.plan(&connection(definition)).unwrap_err().problems
}

#[test]
fn a_plan_says_what_will_be_asked_of_whom() {
    let definition =
        json!({"host": "a,b", "port": 6000, "login": "etl", "password": "hunter2", "extra": {"connect_timeout": "3"}});
    let plan = Postgres.plan(&connection(&definition)).unwrap();
    assert_eq!(plan.target.to_string(), "a,b:6000/etl");
    assert_eq!((plan.account.as_str(), plan.login.as_deref()), ("etl", Some("etl")));
    assert_eq!(plan.credential, Some(Fingerprint::of(&["hunter2"])));
    assert_eq!(plan.timeout.map(|limit| limit.as_secs()), Some(6));
    assert_eq!(plan.endpoints.len(), 2);
}

#[test]
fn what_chooses_the_server_behind_a_name_is_a_circumstance_and_a_setting_is_none() {
    let of = |options: &str| {
        let definition = json!({"host": "a", "login": "etl", "extra": {"options": options}});
        Postgres.plan(&connection(&definition)).unwrap().circumstances
    };
    for (one, other) in [
        ("endpoint=ep-one", "endpoint=ep-two"),
        ("project=one", ""),
        ("reference=one", "reference=two"),
        ("--cluster=one-1", "--cluster=two-2"),
        ("-c search_path=a --cluster=one-1", "-c search_path=a"),
    ] {
        assert_ne!(of(one), of(other), "{one} {other}");
    }
    for (one, other) in [
        ("-c search_path=a", "-c search_path=b"),
        ("--statement_timeout=5", ""),
        ("endpoint=ep-one -c search_path=a", "-csearch_path=b  endpoint=ep-one"),
    ] {
        assert_eq!(of(one), of(other), "{one} {other}");
    }
}

#[test]
fn a_login_without_password_is_told_apart_by_its_certificate() {
    let definition = |extra: Value| json!({"host": "a", "login": "etl", "extra": extra});
    let credential = |extra: Value| Postgres.plan(&connection(&definition(extra))).unwrap().credential;
    let pair = |name: &str| json!({"sslcert": name, "sslkey": "key.pem"});
    assert_eq!(credential(json!({})), None);
    assert!(credential(pair("a.pem")).is_some());
    assert_ne!(credential(pair("a.pem")), credential(pair("b.pem")));
}
