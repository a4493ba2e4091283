//! Refusals that arrive after the time limit of their login: a late refusal counts as a refusal, and a silent server is
//! not asked repeatedly.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::home::Home;
use crate::peers::Peer;

const CHECK: [&str; 4] = ["check", "all.json", "--format", "json"];

fn definition(conn_type: &str, port: u16, login: &str, extra: &Value) -> Value {
    json!({"conn_type": conn_type, "host": "127.0.0.1", "port": port, "login": login, "password": "CANARY1", "extra": extra})
}

/// The class and attempts of the result `name`.
fn result(report: &Value, name: &str) -> (Value, Value) {
    let one = report["results"].as_array().unwrap().iter().find(|one| one["conn_id"] == name).unwrap();
    (one["class"].clone(), one["attempts"].clone())
}

/// Servers of both protocols that take `pause` to answer a password.
fn servers(pause: Duration) -> [(&'static str, Peer); 2] {
    [("postgres", Peer::slow(pause)), ("mysql", Peer::mysql(pause))]
}

#[test]
fn a_refusal_that_comes_late_is_one_where_the_process_lives_on() {
    for (conn_type, peer) in servers(Duration::from_secs(1)) {
        let home = Home::bare();
        let late = definition(conn_type, peer.port, "bad", &json!({}));
        // No server listens on port 1; the retries there take longer than the other server's answer.
        home.file("all.json", json!({"late": late, "again": definition("postgres", 1, "good", &json!({}))}));
        let report = home.json(&[&CHECK[..], &["--timeout", "300ms", "--retries", "3"]].concat(), 1);
        assert_eq!(result(&report, "late"), (json!("timeout"), json!(1)), "{report:#}");
        assert_eq!(result(&report, "again"), (json!("unreachable"), json!(4)), "{report:#}");
        home.file("all.json", json!({"late": late}));
        for _ in 0..2 {
            let report = home.json(&CHECK, 1);
            assert_eq!(result(&report, "late"), (json!("auth"), json!(0)), "{conn_type}: {report:#}");
            assert_eq!(report["results"][0]["held"]["refusals"], 1);
        }
        assert_eq!(peer.logins(), 1, "{conn_type}");
    }
}

#[test]
fn a_refusal_that_nobody_waits_for_is_asked_for_twice() {
    for (conn_type, peer) in servers(Duration::from_secs(2)) {
        let home = Home::bare();
        home.file("all.json", json!({"late": definition(conn_type, peer.port, "bad", &json!({}))}));
        let mut classes = Vec::new();
        let begun = Instant::now();
        for _ in 0..5 {
            let report = home.json(&[&CHECK[..], &["--timeout", "300ms", "--retries", "2"]].concat(), 1);
            classes.push(result(&report, "late").0);
        }
        // The second run waits for the end of a hold of one second.
        assert_eq!(classes, ["timeout", "timeout", "withheld", "withheld", "withheld"], "{conn_type}");
        assert_eq!(peer.logins(), 2, "{conn_type} after {:?}", begun.elapsed());
    }
}

/// The process waits for a moment, since the credential has left.
#[test]
fn an_answer_right_after_a_signal_is_recorded() {
    for (conn_type, peer) in servers(Duration::from_millis(200)) {
        let home = Home::bare();
        home.file("all.json", json!({"late": definition(conn_type, peer.port, "bad", &json!({}))}));
        let child = home.command(&CHECK).spawn().unwrap();
        while peer.logins() == 0 {
            std::thread::sleep(Duration::from_millis(2));
        }
        kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        let report: Value = serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap();
        assert_eq!(result(&report, "late"), (json!("cancelled"), json!(1)), "{conn_type}: {report:#}");
        assert_eq!(result(&home.json(&CHECK, 1), "late"), (json!("auth"), json!(0)), "{conn_type}");
        assert_eq!(peer.logins(), 1);
    }
}
