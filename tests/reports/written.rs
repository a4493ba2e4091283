//! The reports that are validated: of the command, for connections with as many outcomes as possible, and of made-up
//! runs.

use std::fs;

use connprobe::report::nagios::Demands;
use serde_json::{Value, json};

use crate::events;
use crate::home::{Home, said};
use crate::peers::Peer;

fn definitions(port: u16) -> Value {
    let definition = |login: &str, port: Value| {
        json!({"conn_type": "postgres", "host": "127.0.0.1", "port": port, "schema": "sales", "login": login,
            "password": "CANARY1", "extra": {"sslmode": "disable", "odd": 1}})
    };
    json!({
        "good": definition("good", json!(port)),
        "refused": definition("etl", json!(port)),
        "down": definition("etl", json!(1)),
        "odd": definition("etl", json!("x")),
        "shared": [definition("good2", json!(port)), definition("etl", json!(1))],
        "jobs": {"conn_type": "spark", "host": "h"},
        "we <ird>\u{1b}[2J & \"quoted\"\n::error::x": definition("etl", json!(1)),
    })
}

/// Every report in `format` that is validated, with the name of its run.
pub fn reports(format: &str) -> Vec<(String, String)> {
    let runs = [
        ("every kind", events::every_kind()),
        ("a wait", events::of_a_wait()),
        ("hostile", events::hostile()),
        ("nothing", events::events(Vec::new(), json!({}))),
    ];
    let made_up = runs.map(|(name, run)| (name.to_owned(), events::written(format, &run, &Demands::default())));
    let (home, peer) = (Home::bare(), Peer::new());
    home.file("all.json", definitions(peer.port));
    let of_commands = [
        &["check", "all.json", "missing.json", "--state", "none"][..],
        &["check", "all.json", "--dry-run"],
        &["wait", "all.json", "--keep-going", "--deadline", "1s", "--state", "none"],
        &["check", "--allow-empty", "--select", "nobody", "all.json"],
    ]
    .map(|command| {
        let file = format!("{format}=report");
        let said = said(home.command(&[command, &["--format", &file]].concat()).spawn().unwrap(), "");
        let report = fs::read_to_string(home.path("report")).unwrap_or_else(|_| panic!("{command:?}: {said:?}"));
        assert!(!report.contains("CANARY"), "{report}");
        (command.join(" "), report)
    });
    made_up.into_iter().chain(of_commands).collect()
}
