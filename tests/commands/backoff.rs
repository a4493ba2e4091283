//! What `check` remembers of the store's own connections, and whom it leaves alone because of it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::home::Home;
use crate::peers::Peer;

fn postgres(port: u16, login: &str, password: &str) -> Value {
    json!({"conn_type": "postgres", "host": "127.0.0.1", "port": port, "login": login, "password": password})
}

/// `name class` of every result.
fn classes(report: &Value) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or("ok").to_owned();
    report["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {}", word(&one["conn_id"]), word(&one["class"])))
        .collect()
}

#[test]
fn an_account_that_was_refused_twice_is_left_alone() {
    let home = Home::new();
    let peer = Peer::new();
    home.file(
        "all.json",
        json!({
            "bad": postgres(peer.port, "bad", "CANARY1"),
            "good": postgres(peer.port, "good", "CANARY2"),
            "other": postgres(peer.port, "bad", "CANARY3")
        }),
    );
    home.run(&["import", "all.json"], 0);
    for logins in [2, 4] {
        let report = home.json(&["check", "--format", "json", "--exclude", "other"], 1);
        assert_eq!(classes(&report), ["bad auth", "good ok"]);
        assert_eq!(peer.logins(), logins);
    }
    let third = home.json(&["check", "--format", "json"], 1);
    assert_eq!(classes(&third), ["bad withheld", "good ok", "other withheld"]);
    assert_eq!(peer.logins(), 5, "only the one that works was asked for");
    let message = |n: usize| third["results"][n]["message"].as_str().unwrap().to_owned();
    assert!(message(0).starts_with("the login was refused 2 times in a row, last at 2"), "{}", message(0));
    assert!(message(2).contains("the login of `bad`, the same account,"), "{}", message(2));
    assert!(third["results"][0]["hint"].as_str().unwrap().contains("--force"));
    // Being left alone is nothing to remember, and a dry run sends nothing.
    assert_eq!(classes(&home.json(&["check", "--dry-run", "--format", "json"], 0)), ["bad ok", "good ok", "other ok"]);
    let list = home.json(&["list", "--format", "json"], 0);
    assert_eq!((&list[0]["last_class"], &list[2]["last_class"]), (&json!("auth"), &json!(null)));
    // The refused secret is not sent under another name either; a new one is.
    home.file(
        "again.json",
        json!({"again": postgres(peer.port, "bad", "CANARY1"), "new": postgres(peer.port, "bad", "CANARY9")}),
    );
    let import = home.json(&["import", "again.json", "--check", "--format", "json"], 1);
    let class = |n: usize| &import["entries"][n]["check"]["class"];
    assert_eq!((class(0), class(1)), (&json!("withheld"), &json!("auth")));
    // By force it is tried, and so is what was changed.
    let before = peer.logins();
    let report = home.json(&["check", "--select", "bad", "--force", "--format", "json"], 1);
    assert_eq!(classes(&report), ["bad auth"]);
    home.file("all.json", json!({"bad": postgres(peer.port, "bad", "CANARY4")}));
    home.run(&["import", "all.json", "--replace"], 0);
    assert_eq!(classes(&home.json(&["check", "--select", "bad", "--format", "json"], 1)), ["bad auth"]);
    assert_eq!(peer.logins(), before + 2);
}

#[test]
fn files_are_remembered_nowhere() {
    let home = Home::new();
    let peer = Peer::new();
    home.file("all.json", json!({"bad": postgres(peer.port, "bad", "CANARY")}));
    for logins in 1..4 {
        home.run(&["check", "all.json"], 1);
        assert_eq!(peer.logins(), logins);
    }
}

#[test]
fn what_cannot_be_remembered_changes_nothing_else() {
    let home = Home::new();
    let peer = Peer::new();
    home.file("all.json", json!({"good": postgres(peer.port, "good", "CANARY")}));
    home.run(&["import", "all.json"], 0);
    let writer = rusqlite::Connection::open(home.path(".local/share/connprobe/connections.db")).unwrap();
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    let started = Instant::now();
    let said = home.run(&["check", "--timeout", "1s"], 0);
    assert!(started.elapsed() < Duration::from_secs(4));
    assert_eq!(said.stderr.lines().count(), 1, "{}", said.stderr);
    assert!(said.stderr.contains("the results are not remembered"), "{}", said.stderr);
    assert!(said.stdout.contains("1 connection: 1 ok"));
    writer.execute_batch("ROLLBACK").unwrap();
    drop(writer);
    home.run(&["check"], 0);
    assert_eq!(home.json(&["list", "--format", "json"], 0)[0]["last_status"], "ok");
}
