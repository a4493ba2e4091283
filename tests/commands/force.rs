//! `--force`: the output reports every hold that was overlooked, and nothing else.

use serde_json::{Value, json};

use crate::home::Home;
use crate::peers::Peer;

fn postgres(port: u16, login: &str, password: &str) -> Value {
    json!({"conn_type": "postgres", "host": "127.0.0.1", "port": port, "login": login, "password": password})
}

/// The attempts and the class of each result, and whether it reports an overlooked hold.
fn told(report: &Value) -> Vec<(u64, &str, bool)> {
    let results = report["results"].as_array().unwrap().iter();
    let told = results.map(|one| {
        let warned = one["warnings"].as_array().unwrap().iter().any(|warning| warning["code"] == "hold_overlooked");
        (one["attempts"].as_u64().unwrap(), one["class"].as_str().unwrap_or("ok"), warned)
    });
    told.collect()
}

#[test]
fn each_login_that_force_let_through_says_so() {
    let home = Home::bare();
    let peer = Peer::new();
    let all = |secrets: &[&str]| {
        let bad = secrets.iter().enumerate();
        let bad = bad.map(|(n, secret)| (format!("c{n}"), postgres(peer.port, "bad", secret)));
        let good = ("z".to_owned(), postgres(peer.port, "good", "CANARY"));
        home.file("all.json", Value::Object(bad.chain([good]).collect()));
    };
    let check = |more: &[&str], status| home.json(&[&["check", "all.json", "--format", "json"], more].concat(), status);
    all(&["CANARY1", "CANARY2"]);
    // Nothing is held yet, so nothing is overlooked.
    assert_eq!(told(&check(&["--force"], 1)), [(1, "auth", false), (1, "auth", false), (1, "ok", false)]);
    all(&["CANARY1", "CANARY3", "CANARY4"]);
    // Secrets that were never refused go first; then this run holds the one that was.
    let report = check(&["--force"], 1);
    let expected = [(0, "withheld", false), (1, "auth", true), (1, "auth", true), (1, "ok", false)];
    assert_eq!(told(&report), expected, "{report:#}");
    let held = [(0, "auth", false), (0, "auth", false), (0, "auth", false), (1, "ok", false)];
    assert_eq!(told(&check(&[], 1)), held);
}
