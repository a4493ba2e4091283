//! What a server's answer proves about the secret that was sent, in consecutive runs of the binary.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use serde_json::{Value, json};

use crate::home::Home;
use crate::peers::Peer;

const CHECK: [&str; 4] = ["check", "all.json", "--format", "json"];

fn definition(conn_type: &str, port: u16, password: &str, database: &str) -> Value {
    json!({"conn_type": conn_type, "host": "127.0.0.1", "port": port, "login": "bad", "password": password, "schema": database})
}

/// Checks `definition` alone. Returns the class (`ok` without a failure) and the attempts.
fn checked(home: &Home, definition: &Value, arguments: &[&str]) -> (String, u64) {
    home.file("all.json", json!({"it": definition}));
    let output = home.command(&[&CHECK[..], arguments].concat()).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let result = &report["results"][0];
    (result["class"].as_str().unwrap_or("ok").to_owned(), result["attempts"].as_u64().unwrap())
}

fn said(class: &str, attempts: u64) -> (String, u64) {
    (class.to_owned(), attempts)
}

/// First a database that needs no password, or that is refused before the password is requested; then wrong secrets for
/// one that requests it.
#[test]
fn a_secret_that_nobody_asked_for_proves_nothing() {
    for (unasked, class) in [("open", "ok"), ("nowhere", "not_found")] {
        let home = Home::bare();
        let peer = Peer::new();
        let of = |password: &str, database: &str| definition("postgres", peer.port, password, database);
        for _ in 0..2 {
            assert_eq!(checked(&home, &of("CANARY1", unasked), &[]), said(class, 1));
        }
        assert_eq!(checked(&home, &of("CANARY1", "sales"), &[]), said("auth", 1));
        assert_eq!(checked(&home, &of("CANARY1", "sales"), &[]), said("auth", 0));
        // Nor does it clear earlier refusals.
        assert_eq!(checked(&home, &of("CANARY4", unasked), &[]), said(class, 1));
        assert_eq!(checked(&home, &of("CANARY2", "sales"), &[]), said("auth", 1));
        assert_eq!(checked(&home, &of("CANARY3", "sales"), &[]), said("withheld", 0));
        assert_eq!(peer.logins(), 2, "{unasked}");
    }
}

/// A code that is not known to follow the check is a refusal, whatever its class.
#[test]
fn a_refusal_for_other_reasons_is_one() {
    let home = Home::bare();
    let peer = Peer::refusing("42501");
    let it = definition("postgres", peer.port, "CANARY1", "sales");
    assert_eq!(checked(&home, &it, &[]), said("denied", 1));
    for _ in 0..2 {
        assert_eq!(checked(&home, &it, &[]), said("auth", 0));
    }
    assert_eq!(peer.logins(), 1);
}

#[test]
fn who_is_too_busy_after_the_secret_is_not_asked_again() {
    let number = Arc::new(AtomicU32::new(1000));
    let offline = b"\xff\xd8\x0b#HY000The server is currently in offline mode";
    for (conn_type, peer) in
        [("postgres", Peer::refusing("53300")), ("mysql", Peer::mysql_saying(offline, Duration::ZERO, &number))]
    {
        let home = Home::bare();
        let it = definition(conn_type, peer.port, "CANARY1", "sales");
        assert_eq!(checked(&home, &it, &["--retries", "5"]), said("busy", 1), "{conn_type}");
        assert_eq!(peer.logins(), 1, "{conn_type}");
    }
}

/// The secret was accepted before the server looked for the database.
#[test]
fn a_missing_database_of_mysql_may_be_asked_for_at_once() {
    let home = Home::bare();
    let unknown = b"\xff\x19\x04#42000Unknown database 'nodb'";
    let peer = Peer::mysql_saying(unknown, Duration::ZERO, &Arc::new(AtomicU32::new(1000)));
    let it = definition("mysql", peer.port, "CANARY1", "nodb");
    for run in 1..=4 {
        assert_eq!((checked(&home, &it, &[]), peer.logins()), (said("not_found", 1), run));
    }
}
