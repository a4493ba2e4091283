//! The circumstances that a refusal is bound to, across runs: those that could change the server's answer, and no
//! others.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::commands::locking::servers::mariadb;
use crate::home::Home;
use crate::peers::Peer;
use crate::servers::{pki, port};

/// How often the only definition is tried in one run.
fn tried(home: &Home, definition: &Value) -> u64 {
    home.file("all.json", json!({"it": definition}));
    let result = home.json(&["check", "all.json", "--format", "json"], 1)["results"][0].clone();
    assert_eq!(result["class"], "auth", "{result:#}");
    result["attempts"].as_u64().unwrap()
}

#[test]
fn a_certificate_that_is_renewed_at_its_path_is_another() {
    let home = Home::bare();
    let of = |certificate: &str| {
        json!({"conn_type": "mysql", "host": "127.0.0.1", "port": port("MARIADB_PORT"), "login": "nobody-renewed",
               "password": "CANARY1",
               "extra": {"ssl_mode": "REQUIRED", "ssl": {"cert": certificate, "key": pki("client.key")}}})
    };
    let certificate = fs::read_to_string(pki("client.pem")).unwrap();
    home.file("client.pem", &certificate);
    home.file("copied.pem", &certificate);
    assert_eq!([tried(&home, &of("client.pem")), tried(&home, &of("client.pem"))], [1, 0]);
    assert_eq!(tried(&home, &of("copied.pem")), 0);
    home.file("client.pem", format!("{certificate}\n# renewed"));
    assert_eq!([tried(&home, &of("client.pem")), tried(&home, &of("client.pem"))], [1, 0]);
}

/// The circumstances of yesterday's login do not count for today's.
#[test]
fn a_secret_that_was_refused_in_clear_goes_once_the_server_has_tls_again() {
    let login = format!("tls{}", std::process::id());
    mariadb(&format!("CREATE USER {login} IDENTIFIED BY 'CANARYright' REQUIRE SSL"));
    let in_clear = Arc::new(AtomicBool::new(true));
    let proxy = Peer::before_mysql(port("MARIADB_PORT"), &in_clear);
    let home = Home::bare();
    let of = |mode: &str| {
        let extra = if mode.is_empty() { json!({}) } else { json!({"ssl_mode": mode}) };
        json!({"conn_type": "mysql", "host": "127.0.0.1", "port": proxy.port, "login": login, "password": "CANARYright", "extra": extra})
    };
    let first = |definition: Value, status: i32| {
        home.file("all.json", json!({"it": definition}));
        let report = home.json(&["check", "all.json", "--format", "json"], status);
        (report["results"][0]["class"].clone(), report["results"][0]["attempts"].as_u64().unwrap())
    };
    let refused = |attempts: u64| (json!("auth"), attempts);
    assert_eq!(first(of(""), 1), refused(1));
    // The login goes as far as the greeting, once, which also shows whether the server was restarted. After that, the
    // result of this look counts.
    let before = proxy.connections();
    assert_eq!([first(of(""), 1), first(of(""), 1)], [refused(0), refused(0)]);
    assert_eq!(proxy.connections(), before + 1);
    // If the definition fixes the circumstances, no connection is needed.
    assert_eq!(first(of("DISABLED"), 1), refused(0));
    assert_eq!(proxy.connections(), before + 1);
    in_clear.store(false, Ordering::SeqCst);
    assert_eq!(first(of("REQUIRED"), 0), (Value::Null, 1));
    assert_eq!(first(of(""), 0), (Value::Null, 1));
    mariadb(&format!("DROP USER {login}"));
}

#[test]
fn a_definition_that_leaves_tls_to_postgres_is_held_once_the_channel_is_known_and_not_before() {
    let home = Home::bare();
    let peer = Peer::new();
    let of = |mode: &str| {
        json!({"conn_type": "postgres", "host": "127.0.0.1", "port": peer.port, "login": "bad", "password": "CANARY1",
               "schema": "d", "extra": {"sslmode": mode}})
    };
    assert_eq!(tried(&home, &of("prefer")), 1);
    for (mode, connections) in [("prefer", 1), ("allow", 1), ("disable", 0), ("prefer", 1)] {
        let before = peer.connections();
        assert_eq!((tried(&home, &of(mode)), peer.connections() - before), (0, connections), "{mode}");
    }
    assert_eq!(peer.logins(), 1);
}

#[test]
fn options_that_choose_the_server_are_circumstances_and_settings_and_databases_are_none() {
    let home = Home::bare();
    let peer = Peer::new();
    let of = |options: &str, database: &str| {
        json!({"conn_type": "postgres", "host": "127.0.0.1", "port": peer.port, "login": "bad", "password": "CANARY1",
               "schema": database, "extra": {"options": options}})
    };
    assert_eq!(tried(&home, &of("endpoint=mistyped", "a")), 1);
    assert_eq!(tried(&home, &of("endpoint=mistyped -c search_path=b", "b")), 0);
    assert_eq!(tried(&home, &of("endpoint=right", "a")), 1);
    assert_eq!(peer.logins(), 2);
    // These two were refused, so any other endpoint has to wait.
    home.file("all.json", json!({"it": of("endpoint=third", "a")}));
    let report = home.json(&["check", "all.json", "--format", "json"], 1);
    assert_eq!((&report["results"][0]["class"], peer.logins()), (&json!("withheld"), 2));
}

#[test]
fn a_refusal_is_bound_to_the_authentication_database() {
    let home = Home::bare();
    let of = |source: &str| {
        json!({"conn_type": "mongo", "host": "127.0.0.1", "port": port("MONGODB_PORT"), "login": "connprobe",
               "password": "CANARY1", "extra": {"authSource": source}})
    };
    // For a user who is unknown in `sales`, the server sends a different salt each time, as after a change of the
    // password.
    assert_eq!([tried(&home, &of("admin")), tried(&home, &of("sales")), tried(&home, &of("admin"))], [1, 1, 0]);
}

#[test]
fn only_the_account_that_was_named_is_forgotten() {
    let home = Home::bare();
    let peer = Peer::new();
    let of = |login: &str| json!({"conn_type": "postgres", "host": "127.0.0.1", "port": peer.port, "login": login, "password": "CANARY1"});
    for login in ["bad", "BAD"] {
        assert_eq!(tried(&home, &of(login)), 1);
    }
    home.run(&["state", "forget", &format!("postgres://BAD@localhost:{}", peer.port)], 0);
    assert_eq!([tried(&home, &of("bad")), tried(&home, &of("BAD"))], [0, 1]);
}
