//! Users without privileges: files that they cannot read, and places where they cannot write. If the tests run as root,
//! who may do everything, the commands run as the user nobody.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::home::{Home, Said, said};

const NOBODY: u32 = 65_534;

/// The home of an unprivileged user.
struct Unprivileged(Home);

impl Unprivileged {
    fn new() -> Self {
        let home = Home::bare();
        fs::copy(home.command(&[]).get_program(), home.path("connprobe")).unwrap();
        let unprivileged = Self(home);
        unprivileged.give(".");
        unprivileged
    }

    /// Makes `name` the user's own file.
    fn give(&self, name: &str) {
        if rustix::process::geteuid().is_root() {
            chown(self.0.path(name), Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }

    fn file(&self, name: &str, text: &Value) {
        self.0.file(name, text);
        self.give(name);
        self.set_mode(name, 0o600);
    }

    fn set_mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.0.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    fn run(&self, arguments: &[&str], status: i32) -> Said {
        let mut command = Command::new(self.0.path("connprobe"));
        command.args(arguments).current_dir(self.0.path(".")).env_clear().env("HOME", self.0.path("."));
        command.env("CONNPROBE_STATE", self.0.path("accounts"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if rustix::process::geteuid().is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        let said = said(command.spawn().unwrap(), "");
        assert_eq!(said.status, status, "{arguments:?}: {said:?}");
        said
    }

    fn json(&self, arguments: &[&str], status: i32) -> Value {
        serde_json::from_str(&self.run(arguments, status).stdout).unwrap()
    }
}

fn refused() -> Value {
    json!({"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "u", "password": "CANARYpw"})
}

#[test]
fn a_source_without_permission_is_named() {
    let home = Unprivileged::new();
    home.file("a.json", &json!({"a": refused()}));
    home.set_mode("a.json", 0o000);
    let report = home.json(&["check", "a.json", "--format", "json"], 3);
    let problem = &report["sources"][0]["problem"];
    assert_eq!((&problem["reason"], &report["sources"][0]["name"]), (&json!("source_denied"), &json!("a.json")));
}

/// The same happens on a file system that is mounted read-only.
#[test]
fn a_store_where_nothing_can_be_written_is_readable() {
    let home = Unprivileged::new();
    home.file("a.json", &json!({"a": refused()}));
    home.run(&["store", "init"], 0);
    home.run(&["import", "a.json"], 0);
    let data = ".local/share/connprobe";
    home.set_mode(data, 0o500);
    let listed = home.json(&["list", "--format", "json"], 0);
    let checked = home.json(&["check", "store:", "--format", "json"], 1);
    home.run(&["remove", "a"], 3);
    home.set_mode(data, 0o700);
    assert_eq!(listed[0]["conn_id"], "a", "{listed:#}");
    assert_eq!(checked["results"][0]["class"], "unreachable", "{checked:#}");
    home.run(&["remove", "a"], 0);
}

/// A CA file that cannot be read is reported before anything is sent, with its field.
#[test]
fn an_authority_that_may_not_be_read_is_named() {
    let home = Unprivileged::new();
    home.file("closed.pem", &json!("-----BEGIN CERTIFICATE-----"));
    home.set_mode("closed.pem", 0o000);
    let mut definition = refused();
    definition["conn_type"] = json!("mongo");
    definition["extra"] = json!({"ssl": true, "tlsCAFile": home.0.path("closed.pem").to_str().unwrap()});
    home.file("a.json", &json!({"a": definition}));
    let report = home.json(&["check", "a.json", "--format", "json"], 1);
    let result = &report["results"][0];
    assert_eq!((&result["class"], &result["reason"]), (&json!("policy"), &json!("file_unusable")), "{result:#}");
    assert_eq!(result["fields"], json!(["extra.tlsCAFile"]), "{result:#}");
}
