//! A server that counts unfinished handshakes (MySQL's `max_connect_errors`) behind definitions, sources and looks of
//! another protocol: the server counts them, and so does connprobe.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::home::{Home, said};
use crate::names;
use crate::peers::Peer;

/// Runs a command with these variables. Returns its exit status.
fn run(home: &Home, variables: &[(&str, &str)], arguments: &[&str]) -> i32 {
    let said = said(home.command(arguments).envs(variables.iter().copied()).spawn().unwrap(), "");
    assert!(!said.stdout.contains("CANARY") && !said.stderr.contains("CANARY"), "{said:?}");
    said.status
}

#[test]
fn a_secrets_backend_that_is_none_is_left_alone() {
    for scheme in ["http", "https"] {
        for source in ["vault:secret/x", "aws-sm:x", "aws-ssm:/x"] {
            let (home, peer) = (Home::bare(), Peer::mysql(Duration::ZERO));
            let url = format!("{scheme}://127.0.0.1:{}", peer.port);
            let variables = [
                ("VAULT_ADDR", url.as_str()),
                ("VAULT_TOKEN", "CANARY1"),
                ("AWS_ENDPOINT_URL", url.as_str()),
                ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
                ("AWS_SECRET_ACCESS_KEY", "CANARY2"),
                ("AWS_REGION", "eu-west-1"),
            ];
            for _ in 0..7 {
                assert_eq!(run(&home, &variables, &["check", source]), 3, "{source}");
            }
            assert_eq!(peer.connections(), 5, "{source} by {scheme}");
            let state = home.run(&["state"], 0).stdout;
            assert!(state.contains(&format!("mysql://localhost:{}", peer.port)), "{state}");
        }
    }
}

/// If nothing would be sent, no connection is made. `127.1` is an address of this machine, but not a name for it.
#[test]
fn what_the_run_demands_is_decided_before_a_connection() {
    // A name does not count as this machine, whatever address it has.
    let names = names::server(&[("db1.test", &[Ipv4Addr::LOCALHOST])]);
    let asked = format!("--dns-server={names}");
    let asked = asked.as_str();
    for option in ["--require-tls", "--verify-tls"] {
        let (home, peer) = (Home::bare(), Peer::mysql(Duration::ZERO));
        let of = |conn_type: &str, extra: Value| {
            json!({"conn_type": conn_type, "host": "db1.test", "port": peer.port, "login": "etl", "password": "CANARY1",
                   "extra": extra})
        };
        let endpoint = format!("http://db1.test:{}", peer.port);
        home.file(
            "all.json",
            json!([
                of("http", json!({})),
                of("redis", json!({})),
                of("mongo", json!({})),
                of("postgres", json!({"sslmode": "disable"})),
                of("mysql", json!({"ssl_mode": "DISABLED"})),
                {"conn_type": "aws", "login": "AKIAIOSFODNN7EXAMPLE", "password": "CANARY1",
                 "extra": {"endpoint_url": endpoint, "region_name": "eu-west-1"}},
            ]),
        );
        let report = home.json(&["check", "all.json", option, asked, "--format", "json"], 1);
        for result in report["results"].as_array().unwrap() {
            assert_eq!((&result["reason"], &result["phase"]), (&json!("tls_demanded"), &json!("tls")), "{result:#}");
        }
        let url = format!("postgresql://etl:CANARY1@db1.test:{}/x?sslmode=disable", peer.port);
        for command in [&["check", "url-env:U"][..], &["check", "--store", "url-env:U"]] {
            assert_eq!(run(&home, &[("U", url.as_str())], &[command, &[option, asked]].concat()), 3, "{command:?}");
        }
        assert_eq!(peer.connections(), 0, "{option}");
    }
}

/// What can only be decided with a connection waits until the peer has shown its protocol.
#[test]
fn a_definition_that_fails_of_itself_is_counted_too() {
    for (conn_type, extra) in [
        ("postgres", json!({"sslmode": "verify-ca", "sslrootcert": "none.pem"})),
        ("postgres", json!({"sslmode": "require", "sslcert": "bad.pem", "sslkey": "bad.pem"})),
        ("mongo", json!({"tls": true, "tlsCAFile": "bad.pem"})),
        ("redis", json!({"ssl": true, "ssl_ca_certs": "bad.pem"})),
        ("http", json!({"verify": "bad.pem"})),
    ] {
        let (home, peer) = (Home::bare(), Peer::mysql(Duration::ZERO));
        home.file("bad.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        let host = if conn_type == "http" { "https://127.0.0.1" } else { "127.0.0.1" };
        home.file(
            "all.json",
            json!([{"conn_type": conn_type, "host": host, "port": peer.port, "login": "etl", "password": "CANARY1",
                    "extra": extra}]),
        );
        for _ in 0..8 {
            home.json(&["check", "all.json", "--format", "json"], 1);
        }
        assert!(peer.connections() <= 5, "{conn_type} {extra}: {}", peer.connections());
    }
}

/// However many logins may run at once, no more start than may be interrupted.
#[test]
fn many_of_one_run_are_no_more_than_five() {
    for conn_type in ["http", "postgres", "mssql", "mongo", "s3", "redis"] {
        let (home, peer) = (Home::bare(), Peer::mysql(Duration::ZERO));
        let of = |number: i32| {
            json!({"conn_type": conn_type, "host": "127.0.0.1", "port": peer.port, "login": format!("etl{number}"),
                   "password": format!("CANARY{number}")})
        };
        home.file("all.json", json!((0..100).map(of).collect::<Vec<_>>()));
        home.json(&["check", "all.json", "--format", "json", "--concurrency", "256", "--per-host", "256"], 1);
        assert_eq!(peer.connections(), 5, "{conn_type}");
    }
}

#[test]
fn many_sources_of_one_run_are_no_more_than_five() {
    for (scheme, peer) in [("postgresql", Peer::mysql(Duration::ZERO)), ("mysql", Peer::silent())] {
        let home = Home::bare();
        let mut arguments = vec!["check".to_owned(), "--timeout".to_owned(), "400ms".to_owned()];
        for number in 0..14 {
            let name = format!("u{number}");
            home.file(&name, format!("{scheme}://etl{number}:CANARY1@127.0.0.1:{}/x", peer.port));
            arguments.push(format!("l{number}=url-file:{name}"));
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        assert_eq!(run(&home, &[], &arguments), 3);
        assert_eq!(peer.connections(), 5, "{scheme}");
    }
}

/// Silence proves nothing about an unknown server. At a server that is known to count, it does, whatever the protocol
/// of the login.
#[test]
fn silence_counts_where_such_a_server_is_known_to_be() {
    let (home, peer) = (Home::bare(), Peer::silent());
    let of = |conn_type: &str| json!([{"conn_type": conn_type, "host": "127.0.0.1", "port": peer.port, "login": "etl", "password": "CANARY1"}]);
    home.file("mysql.json", of("mysql"));
    home.json(&["check", "mysql.json", "--format", "json", "--timeout", "100ms"], 1);
    for conn_type in ["postgres", "mongo", "mssql", "postgres", "mongo", "mssql"] {
        home.file("all.json", of(conn_type));
        home.json(&["check", "all.json", "--format", "json", "--timeout", "100ms"], 1);
    }
    assert_eq!(peer.connections(), 5);
}

/// A look at SCRAM's salt, which precedes a held login, may reach another server by now.
#[test]
fn looks_at_an_account_are_counted_too() {
    let (home, is_mysql) = (Home::bare(), Arc::new(AtomicBool::new(false)));
    let salt = Arc::new(Mutex::new("c2FsdA=="));
    let peer = Peer::becoming_mysql(&salt, &is_mysql);
    let of = |password: &str| json!({"conn_type": "postgres", "host": "127.0.0.1", "port": peer.port, "login": "etl", "password": password});
    home.file("all.json", json!([of("CANARY1")]));
    let report = home.json(&["check", "all.json", "--format", "json"], 1);
    assert_eq!((&report["results"][0]["class"], peer.logins()), (&json!("auth"), 1), "{report:#}");
    is_mysql.store(true, Ordering::SeqCst);
    let before = peer.connections();
    for _ in 0..9 {
        home.json(&["check", "all.json", "--format", "json"], 1);
    }
    assert_eq!(peer.connections() - before, 5);
}

/// Once the server has shown that it is the intended one, all logins go.
#[test]
fn a_server_of_the_right_type_is_not_slowed_down() {
    let (home, peer) = (Home::bare(), Peer::slow(Duration::from_millis(300)));
    let of = |number: i32| {
        json!({"conn_type": "postgres", "host": "127.0.0.1", "port": peer.port, "login": format!("good{number}"),
               "password": "CANARY1"})
    };
    home.file("all.json", json!((0..60).map(of).collect::<Vec<_>>()));
    let since = std::time::Instant::now();
    home.json(&["check", "all.json", "--format", "json", "--concurrency", "64", "--per-host", "64"], 0);
    // Five at a time, they would take twelve times 300 ms.
    assert!(since.elapsed() < Duration::from_millis(2500), "{:?}", since.elapsed());
    assert_eq!(peer.logins(), 60);
}
