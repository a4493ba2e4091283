//! What a definition shows when it is looked at again after its failure: the hint says what most likely
//! happened, names the field, and tells nothing of a secret.

use ::mongodb::bson::doc;
use serde_json::{Value, json};

use crate::causes::report;
use crate::dns;
use crate::matrix::{Driver, Mongodb, Postgres, S3};
use crate::peer::{Listening, Peer, Step, refused, say};
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

/// Asserts that the hint of the result of `definition` says `said`.
fn assert_hint(definition: Value, class: &str, said: &str) {
    let password = definition["password"].as_str().unwrap_or_default().to_owned();
    let result = result(definition);
    assert_eq!(result["class"], class, "{result:#}");
    assert!(result["hint"].as_str().unwrap().contains(said), "no `{said}`: {result:#}");
    assert!(!result.to_string().contains(password.trim()), "the password is in {result:#}");
}

#[test]
fn what_is_odd_about_a_secret_without_a_word_of_it() {
    let server = refusing(postgres::error("28P01", "no", "auth_failed"));
    let definition = Postgres.definition("127.0.0.1", server.port, None);
    let usual = "PostgreSQL does not tell a wrong password from an unknown role";
    let padded = "`password` begins or ends with a blank";
    for (password, said) in [
        (speech::CANARY.to_owned(), usual),
        (format!("{}\n", speech::CANARY), "`password` has a line end in it"),
        (format!(" {}", speech::CANARY), padded),
        ("hunter%402".to_owned(), "`password` looks percent-encoded, as in a URI"),
    ] {
        assert_hint(with(definition.clone(), "password", password), "auth", said);
    }
    assert_hint(with(definition, "login", format!("{LOGIN} ")), "auth", "`login` begins or ends with a blank");
}

#[test]
fn what_is_odd_about_a_place() {
    let definition = |host: &str, port: u16| Postgres.definition(host, port, None);
    let (closed, _held) = refused();
    assert_hint(definition("localhost", closed), "unreachable", "connprobe's own machine or container");
    assert_hint(
        definition("warehouse-db", 5432),
        "resolve",
        "a container or service name resolves only inside its own network",
    );
    assert_hint(definition("db.prod.svc.cluster.local", 5432), "resolve", "is a name that only one network knows");
    assert_hint(definition(NOBODY, 3306), "unreachable", "3306 is the usual port of MySQL");
    assert_hint(definition("postgresql://db1.example:5432", 5432), "definition", "put only the name into `host`");

    let server = refusing(postgres::error("3D000", "no", "InitPostgres"));
    let mut inside = definition("127.0.0.1", server.port);
    assert_hint(
        with(inside.clone(), "host", format!("127.0.0.1:{}", server.port)),
        "definition",
        "the port into `port`",
    );
    inside["schema"] = json!("public");
    assert_hint(inside, "not_found", "`schema` names the database, and `public` looks like a schema inside one");
}

#[test]
fn a_bucket_that_was_put_before_the_host_name() {
    let style =
        json!({"endpoint_url": "http://minio.invalid:9000", "config_kwargs": {"s3": {"addressing_style": "virtual"}}});
    let definition = with(S3.definition("127.0.0.1", 9000, None), "extra", style);
    assert_hint(with(definition, "schema", "lake"), "resolve", "`addressing_style`");
}

#[test]
fn what_a_mongodb_login_lacks() {
    let refusal = mongodb::tells(doc! { "ok": 0, "code": 18, "codeName": "AuthenticationFailed", "errmsg": "no" });
    let server = peer(Mongodb, vec![Step::Hear, mongodb::greets(doc! {}, "4096"), Step::Hear, refusal, Step::Hold]);
    let definition = Mongodb.definition("127.0.0.1", server.port, None);
    assert_hint(definition.clone(), "auth", "extra `authSource`");
    assert_hint(
        with(definition, "schema", "sales"),
        "auth",
        "`schema` (`sales`) was taken as the authentication database",
    );
}

#[test]
fn how_far_a_clock_is_off() {
    for (hours, said) in [(-3, "ahead of the server's"), (3, "behind the server's")] {
        let theirs = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(hours);
        let date = theirs.strftime("%a, %d %b %Y %H:%M:%S GMT");
        let body = "<Error><Code>RequestTimeTooSkewed</Code><Message>no</Message></Error>";
        let answer = format!("HTTP/1.1 403 Forbidden\r\nDate: {date}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let server = peer(S3, vec![Step::Hear, say(answer), Step::Hold]);
        let result = result(S3.definition("127.0.0.1", server.port, None));
        let message = result["message"].as_str().unwrap();
        assert_eq!(result["class"], "local", "{result:#}");
        assert!(message.starts_with("this machine's clock is ") && message.ends_with(said), "{message}");
        assert!(message.contains(" 3h ") || message.contains(" 2h 59m"), "{message}");
    }
}

#[test]
fn names_that_are_nearly_right() {
    let near = result(with(Postgres.definition(NOBODY, 1, None), "conn_type", "postgress"));
    assert_eq!((&near["status"], &near["class"]), (&json!("skipped"), &json!("unsupported")), "{near:#}");
    assert!(near["hint"].as_str().unwrap().starts_with("did you mean `postgres`?"), "{near:#}");
    let near = result(with(Postgres.definition(NOBODY, 1, None), "extra", json!({"ssl_mode": "require"})));
    assert_eq!(near["warnings"][0]["code"], "unknown_extra", "{near:#}");
    assert!(near["warnings"][0]["message"].as_str().unwrap().contains("did you mean `sslmode`?"), "{near:#}");
}
