//! The commands with logins to real servers, with a store in a file and with one in PostgreSQL. Not in `tests/live`,
//! whose tests count the connections of a server.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::postgres::{administrator, sql};
use crate::servers::{port, server};

/// A home directory, and the location of the store.
struct Store {
    home: tempfile::TempDir,
    place: Option<String>,
}

impl Store {
    /// Runs a command that must end with `status`, and print no secret.
    #[track_caller]
    fn run(&self, arguments: &[&str], status: i32) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_connprobe"));
        command.args(arguments).current_dir(self.home.path()).env_clear().env("HOME", self.home.path());
        command.env("CONNPROBE_STATE", self.home.path().join("accounts"));
        if let Some(url) = &self.place {
            command.args(["--store", "url-env:STORE_URL"]).env("STORE_URL", url);
        }
        let output = command.stdin(Stdio::null()).output().unwrap();
        let text = String::from_utf8([output.stdout.clone(), output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(status), "connprobe {arguments:?}\n{text}");
        assert!(arguments.contains(&"--with-secrets") || !text.contains("CANARY"), "{text}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn file(&self, name: &str, content: &Value) {
        std::fs::write(self.home.path().join(name), content.to_string()).unwrap();
    }
}

#[test]
fn definitions_are_tried_saved_remembered_and_left_alone() {
    let admin = (server("PG_ADMIN_USER"), server("PG_ADMIN_PASSWORD"));
    let name = format!("commands_{}", std::process::id());
    let url = |database: &str| format!("postgresql://{}:{}@127.0.0.1:{}/{database}", admin.0, admin.1, port("PG_PORT"));
    sql(&administrator("postgres"), &format!("CREATE DATABASE {name}"));
    // The server's certificate is self-signed, and by default the store verifies certificates.
    for place in [None, Some(url(&name) + "?sslmode=require")] {
        let store = Store { home: tempfile::tempdir().unwrap(), place };
        let postgres = |password: &str| {
            json!({"conn_type": "postgres", "host": "127.0.0.1", "port": port("PG_PORT"), "login": admin.0,
                   "password": password, "schema": "postgres"})
        };
        let mysql = json!({"conn_type": "mysql", "host": "127.0.0.1", "port": port("MARIADB_PORT"), "login": "native", "password": "right"});
        store.run(&["store", "init"], 0);
        store.file("all.json", &json!({"bad": postgres("CANARY"), "pg": postgres(&admin.1), "my": mysql}));
        let report: Value = serde_json::from_str(
            &store.run(&["import", "all.json", "--check", "--save-failing", "--format", "json"], 1),
        )
        .unwrap();
        let checks: Vec<(&Value, &Value)> = report["entries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (&one["conn_id"], &one["check"]["status"]))
            .collect();
        assert_eq!(
            checks,
            [(&json!("bad"), &json!("failed")), (&json!("my"), &json!("ok")), (&json!("pg"), &json!("ok"))]
        );
        let classes = || -> Vec<Value> {
            let report: Value = serde_json::from_str(&store.run(&["check", "--format", "json"], 1)).unwrap();
            report["results"].as_array().unwrap().iter().map(|one| one["class"].clone()).collect()
        };
        for _ in 0..2 {
            assert_eq!(classes(), [json!("auth"), Value::Null, Value::Null]);
        }
        let list: Value = serde_json::from_str(&store.run(&["list", "--format", "json"], 0)).unwrap();
        assert!(list[0]["last_ok_at"].is_null() && list[1]["last_ok_at"].is_string(), "{list:#}");
        store.run(&["store", "check"], 0);
        store.run(&["store", "rotate-key"], 0);
        let exported: Value = serde_json::from_str(&store.run(&["export", "--with-secrets"], 0)).unwrap();
        assert_eq!((&exported["bad"]["password"], &exported["my"]["password"]), (&json!("CANARY"), &json!("right")));
        store.run(&["remove", "bad", "my"], 0);
        store.run(&["check"], 0);
    }
    sql(&administrator("postgres"), &format!("DROP DATABASE {name}"));
}
