//! A server that blocks this machine after unfinished handshakes (MySQL's `max_connect_errors`): the count is kept
//! across runs.

use std::thread::sleep;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::home::Home;
use crate::peers::Peer;

#[test]
fn a_handshake_that_is_never_finished_is_begun_five_times_in_all_runs() {
    let home = Home::bare();
    // The server has no TLS, which the definition requires.
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
    // Logins are withheld from the server, whatever the account and whichever name the definition uses.
    let at = |host: &str| {
        let mut other = of("other");
        other["host"] = json!(host);
        other
    };
    home.file("all.json", json!({"it": of("another"), "name": at("localhost"), "address": at("127.0.0.2")}));
    let report = home.json(&["check", "all.json", "--format", "json"], 1);
    let classes: Vec<&Value> = report["results"].as_array().unwrap().iter().map(|one| &one["class"]).collect();
    assert_eq!((classes, peer.connections(), peer.logins()), (vec![&json!("withheld"); 3], 5, 0));
    // The user sees the hold and can end it.
    let server = format!("mysql://localhost:{}", peer.port);
    assert!(home.run(&["state"], 0).stdout.contains(&server));
    home.run(&["state", "forget", &server], 0);
    assert!(!home.run(&["state"], 0).stdout.contains(&server));
    home.file("all.json", json!({"it": of("etl")}));
    assert_eq!(home.json(&["check", "all.json", "--format", "json"], 1)["results"][0]["attempts"], 1);
}

/// MySQL and MariaDB reset their count when they accept a login, not when they refuse one.
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

/// A server that was stopped finds in its queue, once it resumes, the clients that have hung up meanwhile, and counts
/// each of them.
#[test]
fn a_server_that_never_greets_is_left_alone_too() {
    let home = Home::bare();
    let peer = Peer::silent();
    home.file("all.json", definitions(&peer, 1));
    for run in 1..=7 {
        let report = home.json(&["check", "all.json", "--format", "json", "--timeout", "50ms"], 1);
        let expected = if run <= 5 { "greeting_timeout" } else { "server_protected" };
        assert_eq!((&report["results"][0]["reason"], peer.connections()), (&json!(expected), run.min(5)), "{run}");
    }
}

/// `count` definitions of one server, each with a different account.
fn definitions(peer: &Peer, count: usize) -> Value {
    let of = |login: &str| json!({"conn_type": "mysql", "host": "127.0.0.1", "port": peer.port, "login": login, "password": "CANARY1"});
    Value::Object((0..count).map(|n| (format!("c{n}"), of(&format!("etl{n}")))).collect())
}

/// What ends a run.
#[derive(Clone, Copy, Debug)]
enum End {
    Deadline,
    By(Signal),
}

/// Whatever ends a run, and however far the handshake has come: a handshake that is broken off counts.
#[test]
fn handshakes_that_the_end_of_a_run_breaks_off_are_counted() {
    for end in [End::Deadline, End::By(Signal::INT), End::By(Signal::TERM), End::By(Signal::KILL)] {
        for (name, peer) in [("stuck", Peer::mysql_stuck()), ("silent", Peer::silent())] {
            for count in [1, 10] {
                let before = peer.connections();
                let home = Home::bare();
                home.file("all.json", definitions(&peer, count));
                for _ in 0..8 {
                    run_until(end, &home, &peer);
                }
                let begun = peer.connections() - before;
                assert_eq!(begun, 5, "{end:?}, {name}, {count} definitions");
                let report = home.json(&["check", "all.json", "--format", "json"], 1);
                assert_eq!(report["results"][0]["reason"], "server_protected", "{report:#}");
            }
        }
    }
}

/// A run that is ended once it has connected, or that ends by itself.
fn run_until(end: End, home: &Home, peer: &Peer) {
    let arguments = ["check", "all.json", "--format", "json"];
    let End::By(signal) = end else {
        home.run(&[&arguments[..], &["--deadline", "400ms"]].concat(), 1);
        return;
    };
    let before = peer.connections();
    let mut child = home.command(&arguments).spawn().unwrap();
    while peer.connections() == before && child.try_wait().unwrap().is_none() {
        sleep(Duration::from_millis(5));
    }
    // By then the client's side is connected too, and so are other logins of the run.
    sleep(Duration::from_millis(150));
    kill_process(Pid::from_child(&child), signal).ok();
    drop(child.stdin.take());
    child.wait_with_output().unwrap();
}

/// The look whether a server was restarted is an unfinished handshake: there is one for all accounts, whatever the runs
/// find, and it counts.
#[test]
fn a_server_is_looked_at_once_for_all_of_its_accounts() {
    let home = Home::bare();
    let peer = Peer::mysql(Duration::ZERO);
    let count = 12;
    let mut all = definitions(&peer, count);
    for one in all.as_object_mut().unwrap().values_mut() {
        one["extra"] = json!({"ssl_mode": "DISABLED"});
    }
    home.file("all.json", all);
    for run in 0..4 {
        let report = home.json(&["check", "all.json", "--format", "json"], 1);
        assert!(report["results"].as_array().unwrap().iter().all(|one| one["class"] == "auth"), "{report:#}");
        // There is one look, and none in the following ten minutes.
        assert_eq!((peer.logins(), peer.connections()), (count, count + run.min(1)), "{run}");
    }
    // The look is one of the five handshakes.
    let mut cut = definitions(&peer, 1);
    cut["c0"]["extra"] = json!({"ssl_mode": "REQUIRED"});
    home.file("all.json", cut);
    let reasons: Vec<Value> = (0..6)
        .map(|_| home.json(&["check", "all.json", "--format", "json"], 1)["results"][0]["reason"].clone())
        .collect();
    assert_eq!(peer.connections(), count + 1 + 4, "{reasons:?}");
}

/// A login of another protocol is an interrupted handshake for this server as well.
#[test]
fn a_definition_of_another_type_counts_too() {
    for conn_type in ["postgres", "mssql", "mongo", "s3"] {
        let (home, peer) = (Home::bare(), Peer::mysql(Duration::ZERO));
        let of = |login: String| json!({"conn_type": conn_type, "host": "127.0.0.1", "port": peer.port, "login": login, "password": "CANARY1"});
        for run in 1..=8 {
            home.file("all.json", json!({"it": of("etl".to_owned())}));
            let report = home.json(&["check", "all.json", "--format", "json"], 1);
            let expected = if run <= 5 { "other_protocol" } else { "server_protected" };
            assert_eq!(report["results"][0]["reason"], expected, "{conn_type} {run}");
            assert_eq!(peer.connections(), run.min(5), "{conn_type} {run}");
        }
        // All logins of one run start at once.
        let (home, peer) = (Home::bare(), Peer::mysql(Duration::ZERO));
        let of = |number: i32| {
            json!({"conn_type": conn_type, "host": "127.0.0.1", "port": peer.port, "login": format!("etl{number}"),
                   "password": "CANARY1"})
        };
        home.file("all.json", json!((0..60).map(of).collect::<Vec<_>>()));
        home.json(&["check", "all.json", "--format", "json"], 1);
        assert_eq!(peer.connections(), 5, "{conn_type}");
    }
}
