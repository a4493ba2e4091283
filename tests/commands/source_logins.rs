//! Logins of sources and of the store count like those of definitions, so that they lock no account either.

use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::home::{Home, said};
use crate::peers::Peer;

/// Runs a command with `url` in the variable `U`. Returns its exit status.
fn run(home: &Home, url: &str, arguments: &[&str]) -> i32 {
    let said = said(home.command(arguments).env("U", url).spawn().unwrap(), "");
    assert!(!said.stdout.contains("CANARY") && !said.stderr.contains("CANARY"), "{said:?}");
    said.status
}

#[test]
fn a_refused_password_of_a_database_goes_once_and_two_hold_its_account() {
    for (scheme, peer) in [("postgresql", Peer::new()), ("mysql", Peer::mysql(Duration::ZERO))] {
        let home = Home::bare();
        let url = |password: &str, host: &str| format!("{scheme}://etl:{password}@{host}:{}/airflow", peer.port);
        let with = |password: &str| url(password, "127.0.0.1");
        let two_of_one_run = ["check", "one=url-env:U", "other=url-env:U"];
        for command in [&two_of_one_run[..], &["check", "url-env:U"], &["list", "url-env:U"], &["export", "url-env:U"]]
        {
            assert_eq!(run(&home, &with("CANARY1"), command), 3, "{command:?}");
            assert_eq!(peer.logins(), 1, "{scheme} {command:?}");
        }
        // The secret is held under another spelling as well, and for a definition.
        run(&home, &url("CANARY1", "localhost"), &["check", "url-env:U"]);
        let conn_type = if scheme == "mysql" { "mysql" } else { "postgres" };
        let definition = format!(
            r#"{{"a": {{"conn_type": "{conn_type}", "host": "127.0.0.1", "port": {}, "login": "etl", "password": "CANARY1"}}}}"#,
            peer.port
        );
        home.file("all.json", definition);
        home.json(&["check", "all.json", "--format", "json"], 1);
        assert_eq!(peer.logins(), 1, "{scheme}");
        // One more secret may be tried; its refusal holds the account.
        for password in ["CANARY2", "CANARY2", "CANARY3", "CANARY4"] {
            run(&home, &with(password), &["check", "url-env:U"]);
        }
        assert_eq!(peer.logins(), 2, "{scheme}");
        // The user ends the hold.
        let account = format!("{conn_type}://etl@localhost:{}", peer.port);
        home.run(&["state", "forget", &account], 0);
        run(&home, &with("CANARY3"), &["check", "url-env:U"]);
        assert_eq!(peer.logins(), 3, "{scheme}");
    }
}

#[test]
fn a_refused_password_of_the_store_goes_once() {
    let (home, peer) = (Home::new(), Peer::new());
    let url = format!("postgresql://etl:CANARY1@127.0.0.1:{}/connections?sslmode=disable", peer.port);
    for command in
        [&["list", "--store", "url-env:U"][..], &["check", "--store", "url-env:U"], &["export", "--store", "url-env:U"]]
    {
        assert_ne!(run(&home, &url, command), 0, "{command:?}");
        assert_eq!(peer.logins(), 1, "{command:?}");
    }
}

/// The login and the database are right; the user has no permission for the store's tables.
#[test]
fn a_store_whose_schema_is_denied_says_so() {
    let (home, peer) = (Home::new(), Peer::without_usage());
    let url = format!("postgresql://good:CANARY1@127.0.0.1:{}/connections?sslmode=disable", peer.port);
    let command = ["check", "--store", "url-env:U", "--format", "json"];
    let said = said(home.command(&command).env("U", url).spawn().unwrap(), "");
    let report: serde_json::Value = serde_json::from_str(&said.stdout).unwrap_or_else(|_| panic!("{said:?}"));
    let problem = &report["sources"][0]["problem"];
    assert_eq!((&problem["class"], &problem["reason"]), (&"denied".into(), &"privilege_missing".into()), "{report:#}");
}

#[test]
fn a_database_that_breaks_off_handshakes_is_left_alone() {
    let (home, peer) = (Home::bare(), Peer::silent());
    let url = format!("mysql://etl:CANARY1@127.0.0.1:{}/airflow", peer.port);
    for _ in 0..7 {
        run(&home, &url, &["check", "url-env:U", "--timeout", "200ms"]);
    }
    assert_eq!(peer.connections(), 5);
}

#[test]
fn a_ledger_that_cannot_be_used_ends_a_login_of_a_source_too() {
    let (home, peer) = (Home::bare(), Peer::new());
    home.file("accounts", "no ledger at all, but a text that somebody wrote");
    let url = format!("postgresql://etl:CANARY1@127.0.0.1:{}/airflow", peer.port);
    assert_eq!(run(&home, &url, &["list", "url-env:U"]), 3);
    assert_eq!(peer.connections(), 0);
}

/// The server answers the right password after the signal, or after the deadline.
#[test]
fn who_leaves_in_the_login_of_a_source_holds_no_right_secret() {
    const ANSWER: Duration = Duration::from_millis(150);
    const RUNS: usize = 3;
    for (command, is_signalled) in [
        (&["check", "url-env:U"][..], true),
        (&["check", "url-env:U", "-"], true),
        (&["check", "--store", "url-env:U"], true),
        (&["list", "url-env:U"], true),
        (&["check", "url-env:U", "--deadline", "100ms"], false),
    ] {
        let (home, peer) = (Home::bare(), Peer::slow(ANSWER));
        let url = format!("postgresql://good:CANARY1@127.0.0.1:{}/airflow?sslmode=disable", peer.port);
        for run in 1..=RUNS {
            let child = home.command(command).env("U", &url).spawn().unwrap();
            while peer.logins() < run {
                thread::sleep(Duration::from_millis(1));
            }
            if is_signalled {
                kill_process(i32::try_from(child.id()).ok().and_then(Pid::from_raw).unwrap(), Signal::INT).unwrap();
            }
            let status = said(child, "{}").status;
            assert!(status == if is_signalled { 130 } else { 3 }, "{command:?}: {status}");
        }
        // Nothing holds it: whoever stays logs in once more.
        run(&home, &url, &["check", "url-env:U"]);
        assert_eq!(peer.logins(), RUNS + 1, "{command:?}");
    }
}

/// A source that waits for the answer to its password does not hang: it may take more than half of the time.
#[test]
fn a_source_that_logs_in_keeps_what_is_left_of_the_deadline() {
    let (home, peer) = (Home::bare(), Peer::slow(Duration::from_millis(1_200)));
    home.file("none.json", "{}");
    let url = format!("postgresql://etl:CANARY1@127.0.0.1:{}/airflow?sslmode=disable", peer.port);
    for _ in 0..2 {
        let said = run(&home, &url, &["check", "url-env:U", "none.json", "--deadline", "2s"]);
        assert_eq!(said, 3);
    }
    // The refusal was read, so the same password is not sent again.
    assert_eq!(peer.logins(), 1);
}
