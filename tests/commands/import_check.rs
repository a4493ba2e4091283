//! `connprobe import --check`: logs in first, and saves only what works.

use serde_json::{Value, json};

use crate::home::{Home, said};
use crate::peers::Peer;

fn postgres(port: u16, login: &str) -> Value {
    json!({"conn_type": "postgres", "host": "127.0.0.1", "port": port, "login": login, "password": "CANARY"})
}

fn outcomes(report: &Value) -> Vec<(String, String)> {
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let entries = report["entries"].as_array().unwrap();
    entries.iter().map(|one| (word(&one["outcome"]), word(&one["check"]["class"]))).collect()
}

fn pair(outcome: &str, class: &str) -> (String, String) {
    (outcome.to_owned(), class.to_owned())
}

#[test]
fn only_what_works_is_saved() {
    let home = Home::new();
    let peer = Peer::new();
    home.file(
        "all.json",
        json!({
            "1": postgres(peer.port, "good"),
            "2": postgres(peer.port, "bad"),
            "3": postgres(1, "x"),
            "4": {"conn_type": "postgres", "host": "127.0.0.1", "port": "x"}
        }),
    );
    home.run(&["import", "all.json", "--check", "--dry-run"], 1);
    assert_eq!(peer.logins(), 0);
    let report = home.json(&["import", "all.json", "--check", "--format", "json"], 1);
    assert_eq!(
        outcomes(&report),
        [pair("added", "-"), pair("failed", "auth"), pair("failed", "unreachable"), pair("skipped", "-")]
    );
    assert_eq!(home.stored().keys().collect::<Vec<_>>(), ["1"]);
    assert_eq!(peer.logins(), 2);
    let list = home.json(&["list", "--format", "json"], 0);
    assert!(
        list[0]["last_status"] == "ok" && list[0]["last_ok_at"].is_string(),
        "what was seen is remembered: {list:#}"
    );
    // A definition that is already stored unchanged is not checked again.
    home.file("good.json", json!({"1": postgres(peer.port, "good")}));
    home.run(&["import", "good.json", "--check"], 0);
    assert_eq!(peer.logins(), 2);
}

#[test]
fn what_fails_can_be_saved_and_is_marked() {
    let home = Home::new();
    let peer = Peer::new();
    home.file("all.json", json!({"1": postgres(peer.port, "good"), "2": postgres(peer.port, "bad")}));
    let said = home.run(&["import", "all.json", "--check", "--save-failing"], 1);
    home.hold("import --check --save-failing", &said.stdout);
    let list = home.json(&["list", "--format", "json"], 0);
    let failing: Vec<&Value> = list.as_array().unwrap().iter().map(|one| &one["saved_failing"]).collect();
    assert_eq!(failing, [false, true]);
    // The login during the import counts: its secret is not sent again.
    for logins in [3, 4] {
        assert_eq!(home.json(&["check", "--format", "json"], 1)["results"][1]["class"], "auth");
        assert_eq!(peer.logins(), logins);
    }
}

#[test]
fn a_definition_that_works_is_not_replaced_by_one_that_does_not() {
    let home = Home::new();
    let peer = Peer::new();
    home.file("two.json", json!({"a": [postgres(peer.port, "good"), postgres(peer.port, "good_too")]}));
    home.run(&["import", "two.json", "--check", "--allow-duplicate"], 0);
    home.file("new.json", json!({"a": postgres(peer.port, "bad")}));
    let report = home.json(&["import", "new.json", "--check", "--replace-all", "--format", "json"], 1);
    assert_eq!(outcomes(&report), [pair("failed", "auth")]);
    assert_eq!(home.stored()["a"].as_array().unwrap().len(), 2);
    home.file("new.json", json!({"a": postgres(peer.port, "good_third")}));
    home.run(&["import", "new.json", "--check", "--replace-all"], 0);
    assert_eq!(home.stored()["a"]["login"], "good_third");
}

#[test]
fn a_server_s_text_can_be_left_out() {
    let peer = Peer::new();
    for (more, variable, told) in [
        (&[][..], None, true),
        (&["--no-detail"][..], None, false),
        (&[][..], Some("1"), false),
        (&[][..], Some(""), true),
    ] {
        let home = Home::new();
        home.file("all.json", json!({"1": postgres(peer.port, "bad")}));
        home.file("pw", "CANARY");
        let port = peer.port.to_string();
        let fields = ["--conn-type", "postgres", "--host", "127.0.0.1", "--port", &port, "--login", "worse"];
        for command in [
            [&["import", "all.json", "--check", "--format", "json"], more].concat(),
            [&["import", "all.json", "--check", "--force"], more].concat(),
            [&["add", "new"], &fields[..], &["--password-file", "pw", "--check"], more].concat(),
        ] {
            let mut process = home.command(&command);
            process.envs(variable.map(|value| ("CONNPROBE_NO_DETAIL", value)));
            let said = said(process.spawn().unwrap(), "");
            let shown = format!("{}{}", said.stdout, said.stderr);
            assert_eq!((said.status, shown.contains("28P01")), (1, true), "{command:?} {shown}");
            assert_eq!(shown.contains("the pool is closed"), told, "{command:?} {variable:?}: {shown}");
        }
    }
}
