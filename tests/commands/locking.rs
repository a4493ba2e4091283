//! Accounts on real servers: none is locked, and what has changed there is noticed. Runs follow each other as cron's do.

use std::process::Command;

use serde_json::{Value, json};

use crate::home::Home;
use crate::postgres::{administrator, sql};
use crate::servers::{port, server};

const CHECK: [&str; 4] = ["check", "all.json", "--format", "json"];

fn definition(conn_type: &str, port: u16, login: &str, password: &str) -> Value {
    json!({"conn_type": conn_type, "host": "127.0.0.1", "port": port, "login": login, "password": password})
}

/// Class and attempts of the first result.
fn first(report: &Value) -> (Option<String>, u64) {
    let result = &report["results"][0];
    (result["class"].as_str().map(str::to_owned), result["attempts"].as_u64().unwrap())
}

fn class(word: &str, attempts: u64) -> (Option<String>, u64) {
    (Some(word.to_owned()), attempts)
}

#[test]
fn postgres_a_password_set_anew_and_a_user_made_late_are_noticed_in_the_next_run() {
    let role = format!("late_{}", std::process::id());
    let admin = administrator("postgres");
    let home = Home::bare();
    let mut right = definition("postgres", port("PG_PORT"), &role, "CANARY1");
    right["schema"] = json!("postgres");
    home.file("all.json", json!({"it": right}));
    assert_eq!(first(&home.json(&CHECK, 1)), class("auth", 1));
    assert_eq!(first(&home.json(&CHECK, 1)), class("auth", 0));
    sql(&admin, &format!("CREATE ROLE {role} LOGIN PASSWORD 'another'"));
    // The user was made: one login, with a secret that is still wrong.
    assert_eq!(first(&home.json(&CHECK, 1)), class("auth", 1));
    for _ in 0..3 {
        assert_eq!(first(&home.json(&CHECK, 1)), class("auth", 0));
    }
    sql(&admin, &format!("ALTER ROLE {role} PASSWORD 'CANARY1'"));
    assert_eq!(first(&home.json(&CHECK, 0)), (None, 1));
    assert_eq!(first(&home.json(&CHECK, 0)), (None, 1));
    sql(&admin, &format!("DROP ROLE {role}"));
}

#[test]
fn mariadb_no_account_is_locked_by_runs_edits_and_parallel_processes() {
    let socket = server("MARIADB_SOCKET");
    let mariadb = |statements: &str| {
        let output = Command::new("mariadb")
            .args(["--no-defaults", &format!("--socket={socket}"), "-uroot", "-e", statements])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let user = format!("lock{}", std::process::id());
    mariadb(&format!("SET GLOBAL max_password_errors = 3; CREATE USER '{user}'@'%' IDENTIFIED BY 'CANARYright'"));
    let home = Home::bare();
    let port = port("MARIADB_PORT");
    for run in 0..10 {
        // Each run has secrets of its own, in an order of its own, and other names.
        let wrong = (0..4)
            .map(|n| (format!("r{run}w{n}"), definition("mysql", port, &user, &format!("CANARY{}", (run + n) % 5))));
        home.file("all.json", Value::Object(wrong.collect()));
        let running: Vec<_> = (0..2).map(|_| home.command(&CHECK).spawn().unwrap()).collect();
        for mut child in running {
            child.wait().unwrap();
        }
    }
    home.file("all.json", json!({"right": definition("mysql", port, &user, "CANARYright")}));
    // Two of the wrong ones were tried, so the account is held for others; a person's word frees it.
    assert_eq!(first(&home.json(&CHECK, 1)), class("withheld", 0));
    home.run(&["state", "forget", &format!("mysql://{user}@localhost:{port}")], 0);
    assert_eq!(first(&home.json(&CHECK, 0)), (None, 1));
    mariadb(&format!("SET GLOBAL max_password_errors = DEFAULT; DROP USER '{user}'@'%'"));
}
