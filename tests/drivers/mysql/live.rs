//! Results of MySQL 9.7 logins, and what these tests share with MariaDB's.
//!
//! There is a single test, because its parts share the server's counters and settings.

use std::collections::BTreeMap;
use std::net::TcpStream;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::cases::{Case, check, check_all, pki, port, run, server};

fn definition(login: &str, password: &str) -> Value {
    json!({"conn_type": "mysql", "host": "127.0.0.1", "port": port("MYSQL_PORT"),
           "login": login, "password": password, "schema": "appdb"})
}

/// `definition` with the fields of `over`; a null removes a field.
pub fn with(definition: &Value, over: Value) -> Value {
    let (Value::Object(mut definition), Value::Object(over)) = (definition.clone(), over) else { unreachable!() };
    definition.extend(over);
    definition.retain(|_, value| !value.is_null());
    Value::Object(definition)
}

/// The extras for a TLS mode, with one of the test authorities.
pub fn tls(mode: &str, ca: Option<&str>) -> Value {
    match ca {
        Some(ca) => json!({"extra": {"ssl_mode": mode, "ssl": {"ca": pki(ca)}}}),
        None => json!({"extra": {"ssl_mode": mode}}),
    }
}

/// Runs `statements` as root, and returns the output without headings.
pub fn sql(socket: &str, statements: &str) -> String {
    let output = Command::new("mariadb")
        .args(["--no-defaults", "-u", "root", "-S", socket, "--batch", "--skip-column-names", "-e", statements])
        .output()
        .expect("the mariadb client is installed");
    assert!(output.status.success(), "{statements}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A server's counters of connections.
pub struct Counters {
    connections: u64,
    /// The counters of errors, by name.
    complaints: BTreeMap<String, u64>,
}

impl Counters {
    /// Reads the counters of the server at `socket`.
    pub fn read(socket: &str) -> Self {
        // Errors that count against max_connect_errors of a host are among the connection errors.
        let status = sql(
            socket,
            "show global status where variable_name = 'Connections' or variable_name like 'Aborted\\_c%' \
             or variable_name like 'Connection\\_errors\\_%'",
        );
        let pairs = status.lines().filter_map(|line| line.split_once(char::is_whitespace));
        let mut complaints: BTreeMap<String, u64> =
            pairs.map(|(name, count)| (name.to_owned(), count.trim().parse().unwrap())).collect();
        let connections = complaints.remove("Connections").unwrap();
        assert!(complaints.contains_key("Aborted_clients") && complaints.contains_key("Aborted_connects"), "{status}");
        assert!(complaints.len() >= 8, "{status}");
        Self { connections, complaints }
    }

    /// Asserts that the server has since accepted one connection for each of `probes`, and has counted no error.
    pub fn expect_since(&self, socket: &str, probes: u64) {
        let now = Self::read(socket);
        assert_eq!(now.complaints, self.complaints);
        assert_eq!(
            now.connections - self.connections,
            probes + 1,
            "one connection a probe, and the one that reads this"
        );
    }

    /// Asserts that a client that closes the connection without a message is counted as an error, so that the counters
    /// do work.
    pub fn expect_a_complaint_of_who_hangs_up(&self, socket: &str, port: u16) {
        drop(TcpStream::connect(("127.0.0.1", port)).unwrap());
        for _ in 0..100 {
            if Self::read(socket).complaints != self.complaints {
                return;
            }
            sleep(Duration::from_millis(50));
        }
        panic!("nothing was counted: {:?}", self.complaints);
    }
}

#[test]
fn outcomes() {
    accounts();
    run(logins());
    run(refusals());
    logins_that_do_not_exist();
    run(channels());
    locked_after_wrong_passwords();
    server_states();
    a_thousand_good_probes_leave_no_trace();
}

/// Accounts that the common set does not contain.
fn accounts() {
    sql(
        &server("MYSQL_SOCKET"),
        "create user if not exists local@localhost identified by 'right';
         create user if not exists outsider@'127.0.0.1' identified by 'canary-password';
         grant all on appdb.* to local@localhost;
         drop user if exists tracked@'127.0.0.1';
         create user tracked@'127.0.0.1' identified by 'right' failed_login_attempts 1 password_lock_time 1;",
    );
}

fn logins() -> Vec<Case> {
    let user = definition("sha2user", "right");
    let cold = definition("sha2cold", "right");
    let method = |result: &Value| {
        assert_eq!(result["facts"]["auth_method"], "caching_sha2_password");
        assert_eq!(result["facts"]["server"], "MySQL");
    };
    // This empties the server's cache of password hashes.
    sql(&server("MYSQL_SOCKET"), "flush privileges");
    vec![
        Case::not_ok("caching_sha2, cold, plain", with(&cold, tls("DISABLED", None)), "failed", "tls").phase("auth"),
        Case::ok(
            "caching_sha2, cold, plain, the server's key",
            with(&cold, json!({"extra": {"ssl_mode": "DISABLED", "get_server_public_key": true}})),
        )
        .and(method)
        .and(|result| {
            assert_eq!(result["warnings"], json!([]), "loopback does not warn");
        }),
        Case::ok("caching_sha2, warm, plain", with(&cold, tls("DISABLED", None))).and(method),
        Case::ok("caching_sha2, cold, TLS", user.clone()).and(method).and(|result| {
            assert_eq!(result["facts"]["user"], "sha2user@127.0.0.1");
            assert_eq!(result["facts"]["tls"]["version"], "TLSv1.3");
        }),
        Case::ok("caching_sha2, warm, TLS", user.clone()).and(method),
        Case::ok(
            "a unix socket, cold",
            with(&user, json!({"host": server("MYSQL_SOCKET"), "port": null, "login": "local"})),
        ),
        Case::ok("no database", with(&user, json!({"schema": null}))),
        Case::ok("a character set", with(&user, json!({"extra": {"charset": "utf8mb4"}}))),
    ]
}

fn refusals() -> Vec<Case> {
    let auth = |name, definition, code| Case::not_ok(name, definition, "failed", "auth").phase("auth").code(code);
    let plain = |login, password| {
        let extra = json!({"extra": {"ssl_mode": "DISABLED", "get_server_public_key": true}});
        with(&definition(login, password), extra)
    };
    let database = |login, schema| with(&definition(login, "right"), json!({"schema": schema}));
    vec![
        auth("wrong password", definition("sha2user", "wrong-password"), "1045"),
        auth("wrong password, plain", plain("sha2user", "wrong-password"), "1045"),
        auth("no password", with(&definition("sha2user", ""), json!({"password": null})), "1045")
            .reason("password_missing"),
        auth("TLS demanded", plain("tlsonly", "right"), "1045").and(|result| {
            assert!(result["hint"].as_str().unwrap().contains("ssl_mode"), "{}", result["hint"]);
        }),
        auth("client certificate demanded", definition("x509only", "right"), "1045"),
        auth("locked", definition("locked", "right"), "3118"),
        auth("expired", definition("expired", "right"), "1862"),
        Case::not_ok("sha256_password", definition("sha256user", "right"), "skipped", "unsupported").and(|result| {
            assert_eq!(result["reason"], "method_unsupported", "{result:#}");
        }),
        Case::not_ok("missing database, without rights", database("sha2user", "nodb"), "failed", "denied").code("1044"),
        Case::not_ok("no right to the database", definition("outsider", "canary-password"), "failed", "denied")
            .code("1044"),
        Case::not_ok("missing database, with rights", database("globaluser", "nodb"), "failed", "not_found")
            .code("1049"),
    ]
}

/// TLS cases that differ from MariaDB's, since MySQL has another TLS library.
fn channels() -> Vec<Case> {
    let user = definition("sha2user", "right");
    let ssl = json!({"ca": pki("ca.pem"), "cert": pki("client.pem"), "key": pki("client.key")});
    vec![
        Case::ok("TLS demanded and had", definition("tlsonly", "right")),
        Case::ok("VERIFY_CA", with(&user, tls("VERIFY_CA", Some("ca.pem")))),
        Case::ok("VERIFY_IDENTITY", with(&user, tls("VERIFY_IDENTITY", Some("ca.pem")))),
        Case::not_ok("unknown CA", with(&user, tls("VERIFY_CA", Some("otherca.pem"))), "failed", "tls").phase("tls"),
        Case::ok("a client certificate", with(&definition("x509only", "right"), json!({"extra": {"ssl": ssl}}))),
    ]
}

/// If an account does not exist, or not for this host, the server chooses a login method at random, so that clients
/// cannot find out which accounts exist. The result is a refusal, or a method that connprobe does not support.
fn logins_that_do_not_exist() {
    for login in ["nobody", "no-one", "nemo", "personne", "niemand", "otherhost"] {
        let result = check(&definition(login, "wrong-password"), &[]);
        let text = |field: &str| result[field].as_str().unwrap_or_default().to_owned();
        match text("class").as_str() {
            "auth" => assert_eq!((text("status"), text("code")), ("failed".into(), "1045".into()), "{result:#}"),
            "unsupported" => {
                assert_eq!(text("status"), "skipped", "{result:#}");
                assert_eq!(text("reason"), "method_unsupported", "{result:#}");
            }
            _ => panic!("{login}: {result:#}"),
        }
    }
}

/// The server locks an account after too many wrong passwords.
fn locked_after_wrong_passwords() {
    let wrong =
        |code| Case::not_ok("a tracked user", definition("tracked", "wrong-password"), "failed", "auth").code(code);
    run(vec![wrong("3955"), wrong("3955")]);
}

/// States in which the server refuses every login.
fn server_states() {
    let socket = server("MYSQL_SOCKET");
    let user = definition("sha2user", "right");

    sql(&socket, "set global require_secure_transport = on");
    run(vec![
        Case::not_ok("TLS only", with(&user, tls("DISABLED", None)), "failed", "tls").phase("auth").code("3159"),
        Case::ok("TLS only, and had", user.clone()),
    ]);
    sql(&socket, "set global require_secure_transport = off; set global offline_mode = on");
    run(vec![Case::not_ok("offline", user.clone(), "failed", "busy").code("3032")]);
    sql(&socket, "set global offline_mode = off; set global read_only = on");
    run(vec![Case::ok("read only", user).and(|result| assert_eq!(result["facts"]["read_only"], true))]);
    sql(&socket, "set global read_only = off");
}

/// Each probe makes one connection, and the server counts no error.
fn a_thousand_good_probes_leave_no_trace() {
    let socket = server("MYSQL_SOCKET");
    let modes = [tls("DISABLED", None), tls("REQUIRED", None), tls("VERIFY_IDENTITY", Some("ca.pem"))];
    let mut definitions = Map::new();
    for number in 0..1000 {
        let mut definition = with(&definition("sha2user", "right"), modes[number % modes.len()].clone());
        // Definitions that are equal in everything would share one probe.
        definition["extra"]["connect_timeout"] = json!(10 + number);
        definitions.insert(format!("c{number}"), definition);
    }
    let probes = definitions.len();
    let before = Counters::read(&socket);
    let report = check_all(&Value::Object(definitions), &[]);
    assert_eq!(report["summary"]["ok"], probes, "{:#}", report["causes"]);
    before.expect_since(&socket, probes as u64);
    before.expect_a_complaint_of_who_hangs_up(&socket, port("MYSQL_PORT"));
}
