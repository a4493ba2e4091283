//! The hint of a failure that a flaw in the definition explains: it gives the most likely cause, names the field, and
//! contains no part of a secret. Hints of a single driver are in its `told.rs`.

use serde_json::{Value, json};

use crate::causes::report;
use crate::matrix::example;
use crate::peer::{Listening, Peer, Script, refused};
use crate::speech::{self, Driver, LOGIN};
use crate::{dns, snapshot};

/// An address of loopback without a peer.
pub const NOBODY: &str = "127.0.9.9";

/// A server of `driver` that follows `script`.
pub fn peer(driver: Driver, script: Script) -> Listening {
    Peer::start(script, driver.framing).listening
}

/// A server of `driver` that refuses every login.
pub fn refusing(driver: Driver) -> Listening {
    peer(driver, (driver.refuse)(std::sync::Arc::new(|_: &[u8]| ("no".to_owned(), String::new()))))
}

/// The single result of `definition`.
pub fn result(definition: Value) -> Value {
    let server = format!("--dns-server={}", dns::server_address());
    report(vec![definition], &[server]).0["results"][0].take()
}

/// `definition` with another value in `field`.
pub fn with(mut definition: Value, field: &str, value: impl Into<Value>) -> Value {
    definition[field] = value.into();
    definition
}

/// Asserts that the result of `definition` has `class` and names `fields`, and that it does not contain the password.
/// Compares its hint with the snapshot `name`.
pub fn assert_hint(name: &str, definition: Value, class: &str, fields: &[&str]) {
    let password = definition["password"].as_str().unwrap_or_default().to_owned();
    let result = result(definition);
    assert_eq!((&result["class"], &result["fields"]), (&json!(class), &json!(fields)), "{name}: {result:#}");
    assert!(!result.to_string().contains(password.trim()), "{name}: the password is in {result:#}");
    snapshot::hold("second-look.txt", name, result["hint"].as_str().unwrap());
}

#[test]
fn what_is_odd_about_a_secret_without_a_word_of_it() {
    let server = refusing(example());
    let definition = example().definition("127.0.0.1", server.port, None);
    let fields = &["login", "password"];
    for (name, password) in [
        ("a usual password", speech::CANARY.to_owned()),
        ("a password with a line end", format!("{}\n", speech::CANARY)),
        ("a password with a blank before it", format!(" {}", speech::CANARY)),
        ("a password with escapes", "hunter%402".to_owned()),
    ] {
        assert_hint(name, with(definition.clone(), "password", password), "auth", fields);
    }
    assert_hint("a login with a blank behind it", with(definition, "login", format!("{LOGIN} ")), "auth", fields);
}

#[test]
fn what_is_odd_about_a_place() {
    let definition = |host: &str, port: u16| example().definition(host, port, None);
    let (closed, _held) = refused();
    assert_hint("localhost, where nobody listens", definition("localhost", closed), "unreachable", &["host", "port"]);
    assert_hint("a name without a dot", definition("warehouse-db", 5432), "resolve", &["host"]);
    assert_hint("a name of one network", definition("db.prod.svc.cluster.local", 5432), "resolve", &["host"]);
    assert_hint("a port of another type", definition(NOBODY, 3306), "unreachable", &["host", "port"]);
    assert_hint("a URI as a host", definition("postgresql://db1.example:5432", 5432), "definition", &["host"]);

    let inside = with(definition("127.0.0.1", closed), "host", format!("127.0.0.1:{closed}"));
    assert_hint("a port in the host", inside, "definition", &["host"]);
}

#[test]
fn names_that_are_nearly_right() {
    let near = result(with(example().definition(NOBODY, 1, None), "conn_type", "postgress"));
    assert_eq!((&near["status"], &near["reason"]), (&json!("skipped"), &json!("no_driver")), "{near:#}");
    snapshot::hold("second-look.txt", "a type that is nearly right", near["hint"].as_str().unwrap());
    let near = result(with(example().definition(NOBODY, 1, None), "extra", json!({"ssl_mode": "require"})));
    let warnings = near["warnings"].as_array().unwrap();
    let unknown = warnings.iter().find(|warning| warning["code"] == "unknown_extra").expect("a warning");
    snapshot::hold("second-look.txt", "an extra that is nearly right", unknown["message"].as_str().unwrap());
}
