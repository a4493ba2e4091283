//! `connprobe export`: what is written, and where secrets may go.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::home::{CANARY, Home, said};

const SOURCE: &str = r#"{
  "shop": {"conn_type": "mysql", "host": "db", "login": "u", "password": "CANARY/1", "port": 3307, "schema": "shop", "description": "é"},
  "lake": {"conn_type": "s3", "login": "AKIAEXAMPLE", "password": "CANARY2", "extra": {"region_name": "eu-west-1", "aws_session_token": "CANARY3"}},
  "wh": [{"conn_type": "postgres", "host": "one", "login": "u"}, {"conn_type": "postgres", "host": "two", "login": "u"}]
}"#;

fn home() -> Home {
    let home = Home::new();
    home.file("all.json", SOURCE);
    home.run(&["import", "all.json", "--allow-duplicate"], 0);
    home
}

#[test]
fn what_is_exported_comes_back_as_it_was() {
    let home = home();
    for (name, format) in [("o.json", None), ("o.yaml", None), ("o.env", None), ("x.env", Some("env-json"))] {
        let format: Vec<&str> = format.into_iter().flat_map(|format| ["--format", format]).collect();
        home.run(&[&["export", "--with-secrets", "--output", name][..], &format].concat(), 0);
        assert_eq!(home.path(name).metadata().unwrap().mode() & 0o7777, 0o600);
        // A URI has no place for a description.
        let status = if name == "o.env" { 1 } else { 0 };
        let again = home.json(&["import", name, "--allow-duplicate", "--format", "json"], status);
        let unchanged = if name == "o.env" { 3 } else { 4 };
        assert_eq!(
            (&again["summary"]["unchanged"], &again["summary"]["total"]),
            (&json!(unchanged), &json!(4)),
            "{name}: {again:#}"
        );
    }
}

#[test]
fn secrets_are_left_out_unless_they_are_asked_for() {
    let home = home();
    for format in ["json", "yaml", "env", "env-json"] {
        let said = home.run(&["export", "--format", format], 0);
        assert!(said.stderr.contains("passwords and extras are left out"), "{}", said.stderr);
        assert!(said.stdout.contains("shop"));
    }
    let said = home.run(&["export", "--select", "wh"], 0);
    assert_eq!(said.stderr, "", "there was nothing to leave out");
    assert_eq!(serde_json::from_str::<Value>(&said.stdout).unwrap()["wh"][1]["host"], "two");
    home.run(&["export", "--output", "plain.yaml"], 0);
    assert!(!fs::read_to_string(home.path("plain.yaml")).unwrap().contains(CANARY));
}

#[test]
fn secrets_go_where_nobody_else_reads() {
    let home = home();
    home.file("public.json", "old");
    std::os::unix::fs::symlink("elsewhere.json", home.path("link.json")).unwrap();
    for (arguments, words) in [
        (&["--output", "public.json"][..], "others can use it (mode 0644)"),
        (&["--output", "link.json"], "no regular file"),
        (&["--output", "/dev/stdout"], "no regular file"),
    ] {
        let said = home.run(&[&["export", "--with-secrets"], arguments].concat(), 2);
        assert!(said.stderr.contains(words), "{}", said.stderr);
    }
    assert_eq!(fs::read_to_string(home.path("public.json")).unwrap(), "old");
    let redirected = |file: File| {
        let mut command = home.command(&["export", "--with-secrets"]);
        said(command.stdout(Stdio::from(file)).spawn().unwrap(), "")
    };
    for file in
        [File::create(home.path("redirected")).unwrap(), OpenOptions::new().write(true).open("/dev/null").unwrap()]
    {
        let said = redirected(file);
        assert!(said.status == 2 && said.stderr.contains("--output FILE"), "{said:?}");
    }
    assert_eq!(fs::read_to_string(home.path("redirected")).unwrap(), "");
    let private =
        || OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(home.path("private")).unwrap();
    assert_eq!(redirected(private()).status, 0);
    let written = fs::read_to_string(home.path("private")).unwrap();
    assert!(written.contains("CANARY/1"));
    // A file that is there and private is replaced as a whole.
    drop(private());
    home.run(&["export", "--with-secrets", "--format", "json", "--output", "private"], 0);
    assert_eq!(fs::read_to_string(home.path("private")).unwrap(), written);
    assert!(
        fs::read_dir(home.path("")).unwrap().all(|entry| !entry
            .unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with(".private"))
    );
}

#[test]
fn what_cannot_be_exported_is_said() {
    let home = home();
    home.file("odd.json", r#"[{"conn_type": "mysql", "host": "h"}, {"conn_id": "a", "conn_type": "mysql", "port": "CANARYx"}, {"conn_id": "b", "conn_type": "mysql"}]"#);
    let said = home.run(&["export", "odd.json"], 1);
    assert_eq!(serde_json::from_str::<Value>(&said.stdout).unwrap().as_object().unwrap().len(), 1);
    assert!(said.stderr.contains("no name") && said.stderr.contains("`port` is not a number"), "{}", said.stderr);
    assert_eq!(home.run(&["export", "all.json", "absent.json"], 3).stdout, "");
    home.run(&["export", "all.json", "--output", "all.json"], 2);
    assert!(home.run(&["export", "--select", "nobody"], 0).stderr.contains("no connection is exported"));
    home.run(&["export", "--output", "absent/x.json"], 4);
    home.run(&["export", "--format", "toml"], 2);
}
