//! *Try once*: when the user is asked at a terminal whether a held login should be made anyway, and the effect of the
//! answer.

use std::net::Ipv4Addr;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::home::Home;
use crate::names;
use crate::peers::Peer;
use crate::terminal::{Person, Terminal};

const CHECK: [&str; 4] = ["check", "all.json", "--format", "json"];
/// The end of a question.
const QUESTION: &str = "[y/N] ";

fn postgres(host: &str, port: u16, login: &str) -> Value {
    json!({"conn_type": "postgres", "host": host, "port": port, "login": login, "password": "CANARY1"})
}

/// A home in which one login was refused, its server, and the result of the next check.
fn refused() -> (Home, Peer, Value) {
    let home = Home::bare();
    let peer = Peer::new();
    home.file("all.json", json!({"it": postgres("127.0.0.1", peer.port, "bad")}));
    home.json(&CHECK, 1);
    let result = home.json(&CHECK, 1)["results"][0].clone();
    (home, peer, result)
}

/// Starts a command whose standard input and standard error are a terminal.
fn start(home: &Home, arguments: &[&str]) -> (Child, Person) {
    let terminal = Terminal::new();
    let child = home.command(arguments).stdin(terminal.end()).stderr(terminal.end()).spawn().unwrap();
    (child, terminal.person())
}

/// How a command ended, and its report.
fn end(child: Child) -> (Option<i32>, Value) {
    let output = child.wait_with_output().unwrap();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or_default())
}

fn told(report: &Value) -> (&Value, &Value) {
    let result = &report["results"][0];
    (&result["class"], &result["attempts"])
}

#[test]
fn yes_makes_one_login_and_everything_else_none() {
    let (home, peer, held) = refused();
    for (typed, attempts) in [("n\n", 0), ("\n", 0), ("yesterday\n", 0), ("\u{4}", 0), ("Y\n", 1)] {
        let (child, mut person) = start(&home, &CHECK);
        let shown = person.sees(QUESTION);
        // The question names the account, the number of refusals, and their time.
        let since: Timestamp = held["held"]["since"].as_str().unwrap().parse().unwrap();
        for said in [held["account"].as_str().unwrap(), "1 ", &format!("{since:.0}"), QUESTION] {
            assert!(shown.contains(said), "{shown}");
        }
        person.types(typed);
        let (status, report) = end(child);
        assert_eq!((status, told(&report)), (Some(1), (&json!("auth"), &json!(attempts))), "{typed:?}");
        assert_eq!(report["results"].as_array().unwrap().len(), 1);
    }
    assert_eq!(peer.logins(), 2);
    // One login a minute is allowed, so the user is not asked again.
    let (child, mut person) = start(&home, &[&CHECK[..], &["--deadline", "20s"]].concat());
    assert!(!person.sees_all().contains(QUESTION));
    assert_eq!(told(&end(child).1), (&json!("auth"), &json!(0)));
}

#[test]
fn nobody_else_is_asked() {
    let (home, peer, _) = refused();
    let both = json!({"it": postgres("127.0.0.1", peer.port, "bad"), "other": postgres("127.0.0.1", peer.port, "bad")});
    home.file("both.json", both);
    let not_asked = |arguments: &[&str], stdin: bool, stderr: bool| {
        let terminal = Terminal::new();
        let end_if = |is_terminal: bool| if is_terminal { terminal.end() } else { Stdio::null() };
        let limited = [arguments, &["--format", "json", "--deadline", "20s"]].concat();
        let begun = Instant::now();
        let child = home.command(&limited).stdin(end_if(stdin)).stderr(end_if(stderr)).spawn().unwrap();
        assert!(!terminal.person().sees_all().contains(QUESTION), "{arguments:?} {stdin} {stderr}");
        let (_, report) = end(child);
        assert_eq!(told(&report).1, 0, "{arguments:?} {stdin} {stderr}: {report:#}");
        assert!(begun.elapsed() < Duration::from_secs(10));
    };
    not_asked(&["check", "both.json"], true, true);
    not_asked(&["check", "all.json"], false, true);
    not_asked(&["check", "all.json"], true, false);
    not_asked(&["check", "all.json", "--dry-run"], true, true);
    assert_eq!(peer.logins(), 1);
}

#[test]
fn the_question_ends_by_the_deadline_and_by_a_signal() {
    let (home, peer, _) = refused();
    let begun = Instant::now();
    let (child, mut person) = start(&home, &[&CHECK[..], &["--deadline", "300ms"]].concat());
    assert!(person.sees(QUESTION).contains(QUESTION));
    let (status, report) = end(child);
    assert_eq!((status, told(&report)), (Some(1), (&json!("auth"), &json!(0))));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    let (child, mut person) = start(&home, &CHECK);
    person.sees(QUESTION);
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let (status, report) = end(child);
    assert_eq!((status, told(&report)), (Some(130), (&json!("auth"), &json!(0))));
    assert_eq!(peer.logins(), 1);
}

/// The name is new; only its address is held.
#[test]
fn a_hold_that_is_known_by_the_address_alone_is_asked_about() {
    let (home, peer, held) = refused();
    let server = names::server(&[("db1.test", &[Ipv4Addr::LOCALHOST])]);
    home.file("all.json", json!({"it": postgres("db1.test", peer.port, "bad")}));
    let (child, mut person) = start(&home, &[&CHECK[..], &[&format!("--dns-server={server}")]].concat());
    assert!(person.sees(QUESTION).contains(held["account"].as_str().unwrap()));
    person.types("y\n");
    assert_eq!(told(&end(child).1), (&json!("auth"), &json!(1)));
    assert_eq!(peer.logins(), 2);
}

#[test]
fn add_asks_too() {
    let home = Home::new();
    let peer = Peer::new();
    home.file("secret", "CANARY1");
    let port = peer.port.to_string();
    let add = ["add", "it", "--check", "--conn-type", "postgres", "--host", "localhost", "--port", &port];
    let add = [&add[..], &["--login", "bad", "--password-file", "secret"]].concat();
    home.run(&add, 1);
    for (typed, logins) in [("n\n", 1), ("y\n", 2)] {
        let (child, mut person) = start(&home, &add);
        assert!(person.sees(QUESTION).contains(QUESTION));
        person.types(typed);
        assert_eq!((end(child).0, peer.logins()), (Some(1), logins), "{typed:?}");
    }
    assert!(home.stored().is_empty());
}
