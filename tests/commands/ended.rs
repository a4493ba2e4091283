//! The command in a hint ends the hold when a shell runs it.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::home::Home;
use crate::peers::Peer;

fn definition(port: u16, login: &str, password: &str) -> Value {
    json!({"conn_type": "postgres", "host": "127.0.0.1", "port": port, "login": login, "password": password})
}

/// Runs the command of a result's hint.
fn obey(home: &Home, result: &Value) {
    let hint = result["hint"].as_str().unwrap();
    let command = hint.split('`').find(|part| part.starts_with("connprobe state forget ")).unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_connprobe")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(home.path(""))
        .env_clear()
        .env("PATH", path)
        .env("CONNPROBE_STATE", home.path("accounts"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{command}: {output:?}");
}

#[test]
fn the_command_in_a_hint_ends_the_hold_of_a_secret_and_of_an_account() {
    for state in [&[][..], &["--state", "named"], &["--state", "my state's file"]] {
        for login in ["bad", "o'bad man [x] $HOME;", "böse"] {
            let home = Home::bare();
            let peer = Peer::new();
            let check = |password: &str| {
                home.file("all.json", json!({"it": definition(peer.port, login, password)}));
                let arguments = [&["check", "all.json", "--format", "json"], state].concat();
                home.json(&arguments, 1)["results"][0].clone()
            };
            for (held, class) in [("CANARY1", "auth"), ("CANARY3", "withheld")] {
                let before = peer.logins();
                for password in ["CANARY1", "CANARY2"] {
                    assert_eq!(check(password)["attempts"], 1, "{login} {state:?}");
                }
                let result = check(held);
                assert_eq!((&result["class"], &result["attempts"]), (&json!(class), &json!(0)), "{login} {state:?}");
                obey(&home, &result);
                assert_eq!(check(held)["attempts"], 1, "{login} {state:?}");
                assert_eq!(peer.logins(), before + 3);
                obey(&home, &check(held));
            }
        }
    }
}
