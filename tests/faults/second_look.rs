//! What a definition shows when it is looked at again after its failure: the hint says what most likely
//! happened, names the field, and tells nothing of a secret.

use std::time::Duration;

use ::mongodb::bson::doc;
use connprobe::model::reason::{Machine, Reason};
use serde_json::{Value, json};

use crate::causes::report;
use crate::dns;
use crate::matrix::{Driver, Mongodb, Postgres, S3};
use crate::peer::{Listening, Peer, Step, refused, say};
use crate::snapshot;
use crate::speech::{self, LOGIN, mongodb, postgres};

/// Nobody listens there.
const NOBODY: &str = "127.0.9.9";

fn peer(driver: Driver, script: Vec<Step>) -> Listening {
    Peer::start(script, speech::framing(driver)).listening
}

/// A PostgreSQL server that answers every login with `error`.
fn refusing(error: Vec<u8>) -> Listening {
    peer(Postgres, vec![Step::Hear, say("N"), Step::Hear, say(error)])
}

fn result(definition: Value) -> Value {
    let server = format!("--dns-server={}", dns::server());
    report(vec![definition], &[server]).0["results"][0].take()
}

fn with(mut definition: Value, field: &str, value: impl Into<Value>) -> Value {
    definition[field] = value.into();
    definition
}

/// Asserts that the result of `definition` is of `class` and points at `fields`, that it tells nothing of the password,
/// and holds its hint in a snapshot, as `name`.
fn assert_hint(name: &str, definition: Value, class: &str, fields: &[&str]) {
    let password = definition["password"].as_str().unwrap_or_default().to_owned();
    let result = result(definition);
    assert_eq!((&result["class"], &result["fields"]), (&json!(class), &json!(fields)), "{name}: {result:#}");
    assert!(!result.to_string().contains(password.trim()), "{name}: the password is in {result:#}");
    snapshot::hold("second-look.txt", name, result["hint"].as_str().unwrap());
}

#[test]
fn what_is_odd_about_a_secret_without_a_word_of_it() {
    let server = refusing(postgres::error("28P01", "no", "auth_failed"));
    let definition = Postgres.definition("127.0.0.1", server.port, None);
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
    let definition = |host: &str, port: u16| Postgres.definition(host, port, None);
    let (closed, _held) = refused();
    assert_hint("localhost, where nobody listens", definition("localhost", closed), "unreachable", &["host", "port"]);
    assert_hint("a name without a dot", definition("warehouse-db", 5432), "resolve", &["host"]);
    assert_hint("a name of one network", definition("db.prod.svc.cluster.local", 5432), "resolve", &["host"]);
    assert_hint("a port of another type", definition(NOBODY, 3306), "unreachable", &["host", "port"]);
    assert_hint("a URI as a host", definition("postgresql://db1.example:5432", 5432), "definition", &["host"]);

    let server = refusing(postgres::error("3D000", "no", "InitPostgres"));
    let mut inside = definition("127.0.0.1", server.port);
    let host = format!("127.0.0.1:{}", server.port);
    assert_hint("a port in the host", with(inside.clone(), "host", host), "definition", &["host"]);
    inside["schema"] = json!("public");
    assert_hint("a schema as a database", inside, "not_found", &["schema"]);
}

#[test]
fn a_bucket_that_was_put_before_the_host_name() {
    let style =
        json!({"endpoint_url": "http://minio.invalid:9000", "config_kwargs": {"s3": {"addressing_style": "virtual"}}});
    let definition = with(S3.definition("127.0.0.1", 9000, None), "extra", style);
    assert_hint(
        "a bucket before the host name",
        with(definition, "schema", "lake"),
        "resolve",
        &["extra.endpoint_url", "extra.config_kwargs.s3.addressing_style"],
    );
}

#[test]
fn what_a_mongodb_login_lacks() {
    let refusal = mongodb::tells(doc! { "ok": 0, "code": 18, "codeName": "AuthenticationFailed", "errmsg": "no" });
    let server = peer(Mongodb, vec![Step::Hear, mongodb::greets(doc! {}, "4096"), Step::Hear, refusal, Step::Hold]);
    let definition = Mongodb.definition("127.0.0.1", server.port, None);
    let fields = &["login", "password"];
    assert_hint("MongoDB without authSource", definition.clone(), "auth", fields);
    assert_hint("MongoDB with a schema", with(definition, "schema", "sales"), "auth", fields);
}

#[test]
fn how_far_a_clock_is_off() {
    for hours in [-3, 3] {
        let theirs = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(hours);
        let date = theirs.strftime("%a, %d %b %Y %H:%M:%S GMT");
        let body = "<Error><Code>RequestTimeTooSkewed</Code><Message>no</Message></Error>";
        let answer = format!("HTTP/1.1 403 Forbidden\r\nDate: {date}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let server = peer(S3, vec![Step::Hear, say(answer), Step::Hold]);
        let result = result(S3.definition("127.0.0.1", server.port, None));
        assert_eq!((&result["class"], &result["reason"]), (&json!("local"), &json!("clock_skew")), "{result:#}");
        let by = (0..5).map(|late| Duration::from_secs(if hours < 0 { 3 * 3600 + late } else { 3 * 3600 - late }));
        let off = |by| Reason::from(Machine::ClockOff { by, ahead: hours < 0 }).message();
        assert!(by.map(off).any(|message| result["message"] == message), "{result:#}");
    }
}

#[test]
fn names_that_are_nearly_right() {
    let near = result(with(Postgres.definition(NOBODY, 1, None), "conn_type", "postgress"));
    assert_eq!((&near["status"], &near["reason"]), (&json!("skipped"), &json!("no_driver")), "{near:#}");
    snapshot::hold("second-look.txt", "a type that is nearly right", near["hint"].as_str().unwrap());
    let near = result(with(Postgres.definition(NOBODY, 1, None), "extra", json!({"ssl_mode": "require"})));
    let warnings = near["warnings"].as_array().unwrap();
    let unknown = warnings.iter().find(|warning| warning["code"] == "unknown_extra").expect("a warning");
    snapshot::hold("second-look.txt", "an extra that is nearly right", unknown["message"].as_str().unwrap());
}
