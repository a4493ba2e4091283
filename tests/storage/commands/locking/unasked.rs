//! A login for which the server did not check the secret proves nothing about it: two secrets are refused, the third is
//! withheld.

use serde_json::{Value, json};

use super::servers::Kind;
use crate::home::Home;
use crate::servers::{pki, port, server};

const CHECK: [&str; 4] = ["check", "all.json", "--format", "json"];

/// The class (`ok` if there is none), the attempts and the warning codes of a login with `definition`.
fn checked(home: &Home, definition: &Value) -> (String, u64, Vec<String>) {
    home.file("all.json", json!({"it": definition}));
    let output = home.command(&CHECK).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let result = &report["results"][0];
    let warnings = result["warnings"].as_array().unwrap().iter();
    let warnings = warnings.map(|one| one["code"].as_str().unwrap().to_owned()).collect();
    (result["class"].as_str().unwrap_or("ok").to_owned(), result["attempts"].as_u64().unwrap(), warnings)
}

/// Logs in with `first`, whose secret the server does not check, before three wrong secrets and between them.
#[track_caller]
fn proves_nothing(login: &str, first: &Value, of: impl Fn(&str) -> Value) {
    let home = Home::bare();
    let refused = || Kind::Postgres.refused(login).unwrap();
    let before = refused();
    let unasked = || {
        let (came, attempts, warnings) = checked(&home, first);
        assert_eq!((&*came, attempts), ("ok", 1), "{login}: {warnings:?}");
        assert!(warnings.iter().any(|code| code == "password_not_checked"), "{login}: {warnings:?}");
    };
    let wrong = |secret| {
        let (class, attempts, _) = checked(&home, &of(secret));
        (class, attempts)
    };
    unasked();
    let one = wrong("CANARY1");
    // The login does not clear the refusals either.
    unasked();
    let came = [one, wrong("CANARY2"), wrong("CANARY3")];
    let expected = [("auth", 1), ("auth", 1), ("withheld", 0)].map(|(class, attempts)| (class.to_owned(), attempts));
    assert_eq!((came, refused()), (expected, before + 2), "{login}");
}

fn postgres(login: &str, password: &str, database: &str, extra: &Value) -> Value {
    json!({"conn_type": "postgres", "host": "127.0.0.1", "port": port("PG_PORT"), "login": login, "password": password,
           "schema": database, "extra": extra})
}

#[test]
fn trust_peer_and_a_certificate_prove_nothing() {
    let certificate = json!({"sslmode": "require", "sslcert": pki("client.pem"), "sslkey": pki("client.key")});
    let mut by_socket = postgres("halfpeer", "CANARY4", "appdb", &json!({}));
    by_socket["host"] = json!(server("PG_SOCKET_DIR"));
    for (login, first) in [
        ("halftrust", postgres("halftrust", "CANARY4", "appdb", &json!({}))),
        ("halfcert", postgres("halfcert", "CANARY4", "appdb", &certificate)),
        ("halfpeer", by_socket),
    ] {
        proves_nothing(login, &first, |secret| postgres(login, secret, "demo", &json!({})));
    }
}
