//! Evidence that a server has changed is read without sending a credential.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::home::Home;
use crate::peers::Peer;

const CHECK: [&str; 4] = ["check", "all.json", "--format", "json"];

fn definition(conn_type: &str, port: u16) -> Value {
    // If the server could choose TLS, another connection would first find out the circumstances of the login.
    let extra = json!({"sslmode": "disable"});
    let extra = if conn_type == "mysql" { json!({"ssl_mode": "DISABLED"}) } else { extra };
    json!({"it": {"conn_type": conn_type, "host": "127.0.0.1", "port": port, "login": "bad", "password": "CANARY1", "extra": extra}})
}

fn attempts(home: &Home) -> Value {
    let report = home.json(&CHECK, 1);
    assert_eq!(report["results"][0]["class"], "auth", "{report:#}");
    report["results"][0]["attempts"].clone()
}

#[test]
fn who_looks_at_scram_s_salt_proves_nothing_there() {
    let home = Home::bare();
    let salt = Arc::new(Mutex::new("b25lb25lb25lb25lb25lb25l"));
    let peer = Peer::scram(&salt);
    home.file("all.json", definition("postgres", peer.port));
    assert_eq!((attempts(&home), peer.connections(), peer.logins()), (json!(1), 1, 1));
    // The salt is the same: one look.
    assert_eq!((attempts(&home), peer.connections(), peer.logins()), (json!(0), 2, 1));
    *salt.lock().unwrap() = "dHdvdHdvdHdvdHdvdHdvdHdv";
    // The salt has changed: two looks, then a login.
    assert_eq!((attempts(&home), peer.connections(), peer.logins()), (json!(1), 5, 2));
}

#[test]
fn who_looks_at_mysql_s_greeting_does_not_log_in_there() {
    let home = Home::bare();
    let number = Arc::new(AtomicU32::new(50));
    let peer = Peer::mysql_saying(b"\xff\x15\x04#28000Access denied for user", Duration::ZERO, &number);
    home.file("all.json", definition("mysql", peer.port));
    assert_eq!((attempts(&home), peer.connections(), peer.logins()), (json!(1), 1, 1));
    // The server was restarted.
    number.store(5, Ordering::SeqCst);
    assert_eq!((attempts(&home), peer.connections(), peer.logins()), (json!(1), 3, 2));
    // At most one look in ten minutes.
    number.store(3, Ordering::SeqCst);
    assert_eq!((attempts(&home), peer.connections(), peer.logins()), (json!(0), 3, 2));
}
