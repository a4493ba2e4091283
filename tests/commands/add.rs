//! `connprobe add` and `connprobe remove`.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::home::{Home, said};
use crate::peers::Peer;

#[test]
fn a_connection_is_given_by_fields_by_a_uri_or_by_an_object() {
    let home = Home::new();
    home.file("pw", "CANARY pw\n");
    home.file("extra", r#"{"charset": "utf8mb4", "ssl_ca": "CANARY"}"#);
    home.file("uri", "mysql://u:CANARY%2F1@db:3307/shop?charset=utf8\n");
    home.file("object", r#"{"conn_type": "mysql", "host": "db", "login": "u", "port": "3308", "description": "old"}"#);
    home.run(
        &[
            "add",
            "a",
            "--conn-type",
            "mysql",
            "--host",
            "db",
            "--port",
            "3306",
            "--login",
            "u",
            "--schema",
            "shop",
            "--description",
            "the shop",
            "--extra-file",
            "extra",
            "--password-file",
            "pw",
        ],
        0,
    );
    home.run(&["add", "b", "--uri-file", "uri"], 0);
    let said = home.run_with(
        &["add", "c", "--from-stdin", "--description", "new"],
        "{\"conn_type\": \"mysql\", \"host\": \"db\", \"login\": \"u\", \"port\": \"3308\", \"description\": \"old\"}",
        0,
    );
    assert_eq!(said.stdout, "added `c` as store#3 (mysql, db:3308)\n");
    home.run_with(
        &["add", "d", "--conn-type", "mysql", "--host", "db", "--login", "u", "--password-file", "-"],
        "CANARY2",
        0,
    );
    let stored = home.stored();
    assert_eq!(
        (&stored["a"], &stored["b"]["password"], &stored["c"]["description"], &stored["d"]["password"]),
        (
            &json!({"conn_type": "mysql", "description": "the shop", "login": "u", "password": "CANARY pw", "host": "db", "port": 3306, "schema": "shop",
                "extra": "{\"charset\": \"utf8mb4\", \"ssl_ca\": \"CANARY\"}"}),
            &json!("CANARY/1"),
            &json!("new"),
            &json!("CANARY2")
        )
    );
}

#[test]
fn a_file_with_secrets_that_everybody_may_read_is_said() {
    let home = Home::new();
    let words = ["add", "x", "--conn-type", "mysql", "--host", "h", "--login", "u", "--allow-duplicate"];
    for (option, content) in [("--password-file", "CANARY"), ("--extra-file", "{}"), ("--uri-file", "mysql://u@h")] {
        home.file("secret", content);
        for (mode, said) in [(0o644, true), (0o640, false), (0o600, false)] {
            let path = home.path("secret");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let whole = [&words[..], &[option, "secret"]].concat();
            let alone = ["add", "x", "--allow-duplicate", option, "secret"];
            let without = [&words[..], &["--no-password", option, "secret"]].concat();
            let arguments = match option {
                "--uri-file" => &alone[..],
                "--extra-file" => &without[..],
                _ => &whole[..],
            };
            let stderr = home.run(arguments, 0).stderr;
            assert_eq!(stderr.matches("chmod o-r").count(), usize::from(said), "{option} {mode:o}: {stderr}");
        }
    }
}

#[test]
fn what_cannot_be_added_is_not() {
    let home = Home::new();
    home.file("pw", "CANARY\n");
    home.file("lines", "CANARY\nCANARY\n");
    home.file("list", "[\"CANARY\"]");
    home.file("bad uri", "mysql://u:CANARY@h:x/db");
    let mysql = ["--conn-type", "mysql", "--host", "h", "--login", "u"];
    home.run(&[&["add", "taken"], &mysql[..], &["--no-password"]].concat(), 0);
    for (arguments, status) in [
        (&["a"][..], 2),
        (&["a", "--conn-type", "mysql", "--host", "h", "--login", "u"], 2),
        (&["a", "--conn-type", "mysql", "--host", "u:CANARY@h", "--no-password"], 2),
        (&["a", "--conn-type", "mysql", "--host", "mysql://u:CANARY@h", "--no-password"], 2),
        (&["mysql://u:CANARY@h/db"], 2),
        (&["mysql://u@h/db"], 2),
        (&[""], 2),
        (&["a\nb"], 2),
        (&["a", "--uri-file", "absent"], 3),
        (&["a", "--uri-file", "bad uri"], 1),
        (&["a", "--from-stdin"], 3),
        (&["a", "--conn-type", "mysql", "--no-password", "--extra-file", "list"], 1),
        (&["a", "--conn-type", "mysql", "--host", "h", "--login", "u", "--password-file", "lines"], 3),
        (&["a", "--conn-type", "mysql", "--host", "h", "--extra-file", "-", "--password-file", "-"], 2),
        (&["a", "--conn-type", "mysqk", "--host", "h", "--no-password"], 1),
        (&["a", "--conn-type", "mysql", "--no-password"], 1),
        (&["taken", "--conn-type", "mysql", "--host", "h", "--login", "u", "--no-password"], 1),
        (&["a", "--uri-file", "pw", "--host", "h"], 2),
        (&["a", "--conn-type", "mysql", "--save-failing"], 2),
        (&["a", "--conn-type", "mysql", "--port", "0"], 2),
        (&["a", "--conn-type", "mysql", "--password", "CANARY"], 2),
    ] {
        let arguments = [&["add"], arguments].concat();
        // clap's message about an unknown argument must not repeat its value.
        let said = home.run(&arguments, status);
        home.hold(&format!("{arguments:?}"), &said.stderr);
    }
    assert_eq!(home.stored().len(), 1);
}

#[test]
fn on_request_only_what_works_is_added() {
    let home = Home::new();
    let peer = Peer::new();
    let port = peer.port.to_string();
    home.file("pw", "CANARY");
    let add = |name: &'static str, login: &'static str, more: &[&'static str], status| {
        let fields = ["--conn-type", "postgres", "--host", "127.0.0.1", "--port", &port, "--login", login];
        home.run(&[&["add", name], &fields[..], &["--password-file", "pw", "--check"], more].concat(), status)
    };
    home.hold("add --check: a login that works", &add("good", "good", &[], 0).stdout);
    home.hold("add --check: a login that does not", &add("bad", "bad", &[], 1).stderr);
    home.hold("add --check --save-failing", &add("kept", "worse", &["--save-failing"], 1).stdout);
    home.hold("add --check: a name that is taken", &add("good", "good", &[], 1).stderr);
    assert_eq!(peer.logins(), 3, "nobody is logged in to in vain");
    let list = home.json(&["list", "--format", "json"], 0);
    assert_eq!(
        list.as_array()
            .unwrap()
            .iter()
            .map(|one| (&one["conn_id"], &one["last_status"], &one["last_class"], &one["saved_failing"]))
            .collect::<Vec<_>>(),
        [
            (&json!("good"), &json!("ok"), &json!(null), &json!(false)),
            (&json!("kept"), &json!("failed"), &json!("auth"), &json!(true))
        ]
    );
    let table = home.run(&["list"], 0).stdout;
    home.hold("list: one that works, one that was saved although it does not", &table);
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
}

#[test]
fn what_is_removed_is_named_without_doubt() {
    let home = Home::new();
    for (name, host) in [("a", "one"), ("a", "two"), ("b", "one"), ("c", "one")] {
        home.run(
            &[
                "add",
                name,
                "--conn-type",
                "mysql",
                "--host",
                host,
                "--login",
                "u",
                "--no-password",
                "--allow-duplicate",
            ],
            0,
        );
    }
    for (arguments, status) in [
        (&["remove"][..], 2),
        (&["remove", "absent"], 1),
        (&["remove", "b", "absent"], 1),
        (&["remove", "a"], 2),
        (&["remove", "--row", "12"], 2),
        (&["remove", "--row", "store#12"], 1),
    ] {
        let said = home.run(arguments, status);
        home.hold(&format!("{arguments:?}"), &said.stderr);
    }
    assert_eq!(home.stored().len(), 3, "all or nothing");
    assert_eq!(home.run(&["remove", "--row", "store#2"], 0).stdout, "removed `a` (store#2)\n");
    assert_eq!(
        home.run(&["remove", "a", "b", "--row", "store#1"], 0).stdout,
        "removed `a` (store#1)\nremoved `b` (store#3)\n"
    );
    home.run(
        &["add", "c", "--conn-type", "mysql", "--host", "two", "--login", "u", "--no-password", "--allow-duplicate"],
        0,
    );
    home.run(&["remove", "c", "--all"], 0);
    assert!(home.stored().is_empty());
}

#[test]
fn processes_at_once_neither_lose_nor_double_anything() {
    let home = Home::new();
    let add = |name: &str| {
        home.command(&["add", name, "--conn-type", "mysql", "--host", "h", "--login", "u", "--no-password"])
            .spawn()
            .unwrap()
    };
    let different: Vec<_> = (0..8).map(|n| add(&format!("n{n}"))).collect();
    for child in different {
        let said = said(child, "");
        assert_eq!(said.status, 0, "{said:?}");
    }
    let same: Vec<_> = (0..4).map(|_| add("one")).collect();
    let mut statuses: Vec<i32> = same.into_iter().map(|child| said(child, "").status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [0, 1, 1, 1]);
    assert_eq!(home.stored().len(), 9);
}

#[test]
fn a_password_in_a_field_that_is_stored_in_clear_is_refused() {
    let home = Home::new();
    home.file("pw", "CANARY-pw");
    home.file("short", "abc");
    for (field, value, password) in [
        ("--login", "u:CANARY", "pw"),
        ("--login", "u:CANARY", "short"),
        ("--login", "etl/CANARY-pw", "pw"),
        ("--description", "password=CANARY", "short"),
        ("--description", "log in with CANARY-pw", "pw"),
        ("--schema", "app?password=CANARY", "short"),
        ("--schema", "u:CANARY@h", "short"),
        ("--host", "u:CANARY@h", "short"),
        ("--host", "sa:CANARY", "short"),
        ("--host", "h;Password=CANARY", "short"),
        ("--conn-type", "postgres://u:CANARY@h", "short"),
    ] {
        let mut arguments = vec!["add", "x", "--password-file", password];
        for (name, usual) in [("--conn-type", "postgres"), ("--host", "h"), ("--login", "u")] {
            arguments.extend(if name == field { [name, value] } else { [name, usual] });
        }
        if ["--description", "--schema"].contains(&field) {
            arguments.extend([field, value]);
        }
        let output = home.command(&arguments).output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(matches!(output.status.code(), Some(1 | 2)), "{field} {value}: {said}");
        assert!(!said.contains("CANARY") && said.contains("hint: "), "{field} {value}: {said}");
    }
    let output = home.command(&["add", "x?password=CANARY", "--conn-type", "postgres", "--host", "h", "--no-password"]);
    let output = { output }.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(!String::from_utf8(output.stderr).unwrap().contains("CANARY"));
    assert!(home.stored().is_empty());
    // Some logins contain a colon: they are accepted from sources that are not visible on the screen.
    home.run_with(
        &["add", "x", "--from-stdin"],
        "{\"conn_type\": \"mysql\", \"host\": \"h\", \"login\": \"cluster:tenant\", \"password\": \"abc\"}",
        0,
    );
}
