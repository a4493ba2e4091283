//! `--verbose`: the steps of each check on standard error, and no secret there; reports stay the same.

use std::net::TcpListener;

use serde_json::{Value, json};

use crate::home::{CANARY, Home};
use crate::peers::Peer;

/// The texts of the steps of the connection `name`, in their order, without their times.
fn steps(stderr: &str, name: &str) -> Vec<String> {
    let of = |line: &str| {
        let (time, step) = line.split_once(" s  ")?;
        time.trim().parse::<f64>().ok()?;
        let (who, step) = step.split_once("): ")?;
        who.starts_with(&format!("{name} (")).then(|| step.to_owned())
    };
    stderr.lines().filter_map(of).collect()
}

#[test]
fn each_check_shows_what_it_is_doing() {
    let home = Home::bare();
    let server = Peer::new();
    let refused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let secret = format!("{CANARY}-1");
    let definition = |port: u16, login: &str, schema: &str| {
        json!({"conn_type": "postgres", "host": "localhost", "port": port, "login": login, "password": secret,
            "schema": schema})
    };
    home.file(
        "all.json",
        json!({"good": definition(server.port, "good", "a"), "same": definition(server.port, "good", "a"),
            "down": definition(refused, "etl", "b"), "pasted": definition(refused, "etl", &format!("b?password={secret}"))}),
    );
    for format in ["json", "ndjson", "table"] {
        let said = home.run(&["check", "all.json", "-v", "--retries", "1", "--format", format], 1);
        let address = format!("127.0.0.1:{}", server.port);
        let good = steps(&said.stderr, "good");
        let expected = [
            "one login for 2 definitions; looks up the names of its servers",
            "the addresses are ",
            "waits for its turn",
            "attempt 1",
            "connects to ",
            &format!("is connected to {address}"),
            "phase auth: logs in",
            "sends the credential",
            "the server has accepted the credential",
            "phase query: runs the test query",
            "ok",
        ];
        let mut rest = good.iter();
        for step in expected {
            assert!(rest.any(|shown| shown.starts_with(step)), "{step}\n{}", said.stderr);
        }
        let down = steps(&said.stderr, "down");
        let again = down.iter().position(|step| step == "connection_refused: tries again in 0.250 s").unwrap();
        assert_eq!(down[again + 1], "looks up the names of its servers", "{}", said.stderr);
        assert!(down.contains(&"attempt 2".to_owned()), "{}", said.stderr);
        assert_eq!(down.last().unwrap(), "failed unreachable in connect: connection_refused", "{}", said.stderr);
        if format == "json" {
            let report: Value = serde_json::from_str(&said.stdout).unwrap();
            assert_eq!(report["summary"]["total"], 4);
        }
        assert!(steps(&said.stdout, "good").is_empty(), "{}", said.stdout);
    }
    let quiet = home.run(&["check", "all.json"], 1);
    assert!(steps(&quiet.stderr, "good").is_empty(), "{}", quiet.stderr);
}
