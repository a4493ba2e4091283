//! A server that blocks this machine after handshakes that nobody finishes (MySQL's `max_connect_errors`): what is
//! counted holds over runs.

use std::time::Duration;

use serde_json::{Value, json};

use crate::home::Home;
use crate::peers::Peer;

#[test]
fn a_handshake_that_is_never_finished_is_begun_five_times_in_all_runs() {
    let home = Home::bare();
    // It has no TLS, which the definition demands.
    let peer = Peer::mysql(Duration::ZERO);
    let of = |login: &str| {
        json!({"conn_type": "mysql", "host": "127.0.0.1", "port": peer.port, "login": login, "password": "CANARY1",
               "extra": {"ssl_mode": "REQUIRED"}})
    };
    home.file("all.json", json!({"it": of("etl")}));
    for run in 1..=14 {
        let report = home.json(&["check", "all.json", "--format", "json"], 1);
        let result = &report["results"][0];
        let expected = if run <= 5 { ("tls_not_offered", 1) } else { ("server_protected", 0) };
        assert_eq!((&result["reason"], &result["attempts"]), (&json!(expected.0), &json!(expected.1)), "{run}");
        assert_eq!(peer.connections(), run.min(5));
    }
    // It is the server that is left alone, whoever would log in to it and by whichever name.
    let at = |host: &str| {
        let mut other = of("other");
        other["host"] = json!(host);
        other
    };
    home.file("all.json", json!({"it": of("another"), "name": at("localhost"), "address": at("127.0.0.2")}));
    let report = home.json(&["check", "all.json", "--format", "json"], 1);
    let classes: Vec<&Value> = report["results"].as_array().unwrap().iter().map(|one| &one["class"]).collect();
    assert_eq!((classes, peer.connections(), peer.logins()), (vec![&json!("withheld"); 3], 5, 0));
}

/// MySQL and MariaDB count from nought again once they have let a login in, and not when they refuse one.
#[test]
fn a_refused_login_does_not_end_the_count() {
    let home = Home::bare();
    let peer = Peer::mysql(Duration::ZERO);
    let of = |login: &str, mode: &str| {
        json!({"conn_type": "mysql", "host": "127.0.0.1", "port": peer.port, "login": login, "password": "CANARY1",
               "extra": {"ssl_mode": mode}})
    };
    let mut interrupted = 0;
    for run in 0..8 {
        home.file("all.json", json!({"cut": of("etl", "REQUIRED"), "wrong": of(&format!("wrong{run}"), "DISABLED")}));
        let report = home.json(&["check", "all.json", "--format", "json"], 1);
        let cut = report["results"].as_array().unwrap().iter().find(|one| one["conn_id"] == "cut").unwrap();
        interrupted += cut["attempts"].as_u64().unwrap();
    }
    assert_eq!((interrupted, peer.logins() > 0), (5, true));
}

/// Whoever hears no greeting does not know what is there: MySQL counts nothing before it has greeted.
#[test]
fn a_server_that_never_greets_is_not_withheld() {
    let home = Home::bare();
    let peer = Peer::silent();
    home.file(
        "all.json",
        json!({"it": {"conn_type": "mysql", "host": "127.0.0.1", "port": peer.port, "login": "etl", "password": "CANARY1"}}),
    );
    for run in 1..=7 {
        let report = home.json(&["check", "all.json", "--format", "json", "--timeout", "50ms"], 1);
        let result = &report["results"][0];
        assert_eq!((&result["class"], peer.connections()), (&json!("timeout"), run), "{report:#}");
    }
}
