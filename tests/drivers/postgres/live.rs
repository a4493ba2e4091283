//! Results of PostgreSQL logins: a primary with a role for each result, a standby, and a server that accepts no logins.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use serde_json::{Map, Value, json};

use crate::cases::{Case, check, check_all, pki, port, run, server};

/// A test that reads the server's log holds this for writing, so that no other test adds to the log meanwhile.
static LOG: RwLock<()> = RwLock::new(());

pub(crate) fn noisy() -> RwLockReadGuard<'static, ()> {
    LOG.read().unwrap_or_else(PoisonError::into_inner)
}

/// A definition for the primary.
#[expect(clippy::needless_pass_by_value, reason = "reads as the definition that it is part of")]
fn role(login: &str, extra: Value) -> Value {
    json!({
        "conn_type": "postgres",
        "host": "127.0.0.1",
        "port": port("PG_PORT"),
        "login": login,
        "password": "right",
        "schema": "appdb",
        "extra": extra,
    })
}

fn with(mut definition: Value, field: &str, value: Value) -> Value {
    definition[field] = value;
    definition
}

/// `name` with the port of the server that `key` identifies.
fn at(name: &str, key: &str) -> String {
    format!("{name}:{}", port(key))
}

fn certificate(name: &str) -> Value {
    json!({"sslcert": pki(&format!("{name}.pem")), "sslkey": pki(&format!("{name}.key"))})
}

fn warns(result: &Value, code: &str) -> bool {
    result["warnings"].as_array().unwrap().iter().any(|warning| warning["code"] == code)
}

fn says(result: &Value, field: &str, text: &str) {
    let said = result[field].as_str().unwrap_or_default();
    assert!(said.contains(text), "`{field}` does not say `{text}`: {result:#}");
}

#[test]
fn every_way_to_prove_oneself_works_and_is_named() {
    let _noisy = noisy();
    for (login, sslmode, method) in [
        ("scramuser", "prefer", "scram-sha-256-plus"),
        ("scramuser", "disable", "scram-sha-256"),
        ("md5user", "prefer", "md5"),
        ("plainuser", "require", "password"),
        ("plainuser", "disable", "password"),
        ("trustuser", "prefer", "none"),
    ] {
        let result = check(&role(login, json!({"sslmode": sslmode})), &[]);
        assert_eq!((&result["status"], &result["facts"]["auth_method"]), (&json!("ok"), &json!(method)), "{result:#}");
    }
}

#[test]
fn a_login_tells_what_it_learnt() {
    let _noisy = noisy();
    let result = check(&role("scramuser", json!({})), &[]);
    let facts = &result["facts"];
    assert_eq!(facts["server"], "PostgreSQL");
    says(facts, "version", "15.");
    assert_eq!((&facts["user"], &facts["database"]), (&json!("scramuser"), &json!("appdb")));
    assert_eq!((&facts["server_proved"], &facts["read_only"]), (&json!(true), &json!(false)));
    assert_eq!(facts["tls"]["version"], "TLSv1.3");
    assert_eq!(facts["tls"]["chain"][0]["subject"], "CN=localhost");
    assert_eq!(result["address"], at("127.0.0.1", "PG_PORT"));
    assert_eq!(result["target"], at("127.0.0.1", "PG_PORT") + "/appdb");
    let phases: Vec<&str> =
        result["phases"].as_array().unwrap().iter().map(|phase| phase["phase"].as_str().unwrap()).collect();
    assert_eq!(phases.last_chunk(), Some(&["connect", "tls", "auth", "query"]));
    assert_eq!(result["warnings"], json!([]), "loopback neither warns nor fails");
}

#[test]
fn refusals_of_the_login() {
    let _noisy = noisy();
    let no_password = |result: &Value| assert_eq!(result["reason"], "password_missing", "{result:#}");
    run(vec![
        Case::not_ok(
            "wrong password",
            with(role("scramuser", json!({})), "password", json!("wrong-one")),
            "failed",
            "auth",
        )
        .code("28P01")
        .phase("auth")
        .and(|result| says(result, "detail", "password authentication failed")),
        Case::not_ok("unknown role", role("nobody", json!({})), "failed", "auth").code("28P01"),
        Case::not_ok("expired role", role("expired", json!({})), "failed", "auth").code("28P01"),
        Case::not_ok("wrong md5", with(role("md5user", json!({})), "password", json!("wrong-one")), "failed", "auth")
            .code("28P01"),
        Case::not_ok("role that may not log in", role("nologin", json!({})), "failed", "auth")
            .code("28000")
            .and(|result| assert_eq!(result["reason"], "user_not_found", "{result:#}")),
        Case::not_ok("no password", with(role("scramuser", json!({})), "password", Value::Null), "failed", "auth")
            .and(no_password),
        Case::not_ok("empty password", with(role("md5user", json!({})), "password", json!("")), "failed", "auth")
            .and(no_password),
        Case::not_ok("rejected by pg_hba.conf", role("nohba", json!({})), "failed", "denied")
            .code("28000")
            .phase("auth"),
        Case::not_ok("connection limit", role("limited", json!({})), "failed", "busy").code("53300"),
        Case::ok("trust says that it checked nothing", role("trustuser", json!({})))
            .and(|result| assert!(warns(result, "password_not_checked"))),
    ]);
}

#[test]
fn refusals_of_the_database() {
    let _noisy = noisy();
    let database = |login, name: &str| with(role(login, json!({})), "schema", json!(name));
    run(vec![
        Case::not_ok("missing", database("scramuser", "nodb"), "failed", "not_found").code("3D000").phase("auth"),
        Case::not_ok("the login's own name", database("scramuser", ""), "failed", "not_found")
            .and(|result| assert_eq!(result["database"], "scramuser")),
        Case::not_ok("no right to connect", database("noconnect", "restricted"), "failed", "denied").code("42501"),
        Case::not_ok("closed", database("scramuser", "closeddb"), "failed", "denied").code("55000"),
        Case::not_ok(
            "missing, asked for by an extra",
            role("scramuser", json!({"dbname": "nodb"})),
            "failed",
            "not_found",
        )
        .and(|result| assert!(warns(result, "extra_overrides"))),
    ]);
}

#[test]
fn the_server_is_up_but_takes_no_logins() {
    let closed = with(role("scramuser", json!({})), "port", json!(port("PG_CLOSED_PORT")));
    run(vec![Case::not_ok("recovering", closed, "failed", "busy").code("57P03").phase("auth")]);
}

#[test]
fn modes_of_tls() {
    let _noisy = noisy();
    let ca = || pki("ca.pem");
    let verified = |result: &Value| assert_eq!(result["facts"]["tls"]["verified"], true, "{result:#}");
    let in_clear = |result: &Value| assert_eq!(result["facts"]["tls"], Value::Null, "{result:#}");
    let encrypted = |result: &Value| assert_eq!(result["facts"]["tls"]["verified"], false, "{result:#}");
    let inline = std::fs::read_to_string(ca()).unwrap();
    run(vec![
        Case::ok("disable", role("scramuser", json!({"sslmode": "disable"}))).and(in_clear),
        Case::ok("allow", role("scramuser", json!({"sslmode": "allow"}))).and(in_clear),
        Case::ok("allow, where TLS is demanded", role("tlsonly", json!({"sslmode": "allow"}))).and(encrypted),
        Case::ok("prefer", role("scramuser", json!({"sslmode": "prefer"}))).and(encrypted),
        Case::ok("require", role("scramuser", json!({"sslmode": "require"}))).and(encrypted),
        Case::ok(
            "verify-ca, another name",
            role(
                "scramuser",
                json!({"sslmode": "verify-ca", "sslrootcert": ca(), "host": "db.invalid", "hostaddr": "127.0.0.1"}),
            ),
        ),
        Case::ok("verify-full", role("scramuser", json!({"sslmode": "verify-full", "sslrootcert": ca()})))
            .and(verified),
        Case::ok("verify-full, PEM text", role("scramuser", json!({"sslmode": "verify-full", "sslrootcert": inline})))
            .and(verified),
        Case::ok(
            "verify-full, by name",
            with(role("scramuser", json!({"sslmode": "verify-full", "sslrootcert": ca()})), "host", json!("localhost")),
        )
        .and(verified),
        Case::ok("verify-full by the run's demand", role("scramuser", json!({"sslmode": "verify-full"})))
            .argument("--tls-ca")
            .argument(ca())
            .and(verified),
        Case::not_ok("TLS demanded", role("tlsonly", json!({"sslmode": "disable"})), "failed", "tls")
            .code("28000")
            .phase("auth"),
        Case::not_ok(
            "unknown CA",
            role("scramuser", json!({"sslmode": "verify-full", "sslrootcert": pki("otherca.pem")})),
            "failed",
            "tls",
        )
        .phase("tls")
        .and(|result| assert_eq!(result["facts"]["tls"]["chain"][0]["subject"], "CN=localhost")),
        Case::not_ok(
            "unknown CA, require with an authority",
            role("scramuser", json!({"sslmode": "require", "sslrootcert": pki("otherca.pem")})),
            "failed",
            "tls",
        ),
        Case::not_ok(
            "wrong name",
            role(
                "scramuser",
                json!({"sslmode": "verify-full", "sslrootcert": ca(), "host": "db.invalid", "hostaddr": "127.0.0.1"}),
            ),
            "failed",
            "tls",
        )
        .phase("tls")
        .and(|result| says(result, "message", "db.invalid")),
        Case::not_ok("the system's authorities", role("scramuser", json!({"sslmode": "verify-full"})), "failed", "tls")
            .and(|result| assert!(warns(result, "system_roots"))),
        Case::not_ok(
            "a file that is not there",
            role("scramuser", json!({"sslmode": "verify-full", "sslrootcert": "/no/such.pem"})),
            "error",
            "policy",
        ),
        Case::not_ok(
            "a file without certificates",
            role("scramuser", json!({"sslmode": "verify-full", "sslrootcert": pki("ca.key")})),
            "error",
            "definition",
        ),
        Case::not_ok(
            "direct, which PostgreSQL 15 lacks",
            role("scramuser", json!({"sslmode": "require", "sslnegotiation": "direct"})),
            "failed",
            "unreachable",
        )
        .phase("tls")
        .and(|result| assert_eq!(result["reason"], "closed_during_tls", "{result:#}")),
    ]);
}

#[test]
fn client_certificates() {
    let _noisy = noisy();
    let certuser = |extra| with(role("certuser", extra), "password", Value::Null);
    run(vec![
        Case::ok("certificate alone", certuser(certificate("client")))
            .and(|result| assert_eq!(result["warnings"], json!([]))),
        Case::ok("certificate and password", role("certpw", certificate("client"))),
        Case::not_ok("no certificate", certuser(json!({})), "failed", "tls")
            .code("28000")
            .and(|result| says(result, "hint", "sslcert"))
            .and(|result| assert_eq!(result["facts"]["tls"]["version"], "TLSv1.3")),
        Case::not_ok("no certificate, a password", role("certpw", json!({})), "failed", "tls").code("28000"),
        Case::not_ok("certificate of another authority", certuser(certificate("otherca-client")), "failed", "tls"),
        Case::not_ok(
            "key of another certificate",
            certuser(json!({"sslcert": pki("client.pem"), "sslkey": pki("server.key")})),
            "error",
            "definition",
        ),
    ]);
}

/// The client's key, encrypted by `openssl pkey` with the password `key-password`.
fn encrypted_key() -> String {
    let made = Command::new("openssl")
        .args(["pkey", "-aes256", "-passout", "pass:key-password", "-in", &pki("client.key")])
        .output()
        .expect("openssl runs, as it does for the servers' certificates");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8(made.stdout).expect("PEM")
}

/// connprobe does not decrypt keys: without its password the key cannot be used, and with one it is for clients that
/// can decrypt it.
#[test]
fn an_encrypted_client_key_is_refused_before_a_packet() {
    let _noisy = noisy();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("client.key");
    fs::write(&file, encrypted_key()).unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    let file = file.to_str().unwrap();
    for key in [file, &encrypted_key()] {
        for (password, expected) in [
            (None, ["error", "definition", "bad_certificate"]),
            (Some("key-password"), ["skipped", "unsupported", "feature_unsupported"]),
            (Some("another-password"), ["skipped", "unsupported", "feature_unsupported"]),
        ] {
            let mut extra = json!({"sslmode": "require", "sslcert": pki("client.pem"), "sslkey": key});
            if let Some(password) = password {
                extra["sslpassword"] = json!(password);
            }
            let result = check(&with(role("certuser", extra), "password", Value::Null), &[]);
            let said =
                [&result["status"], &result["class"], &result["reason"]].map(|word| word.as_str().unwrap_or_default());
            assert_eq!(said, expected, "{password:?}: {result:#}");
            assert_eq!(result["facts"]["tls"], Value::Null, "{result:#}");
            let text = result.to_string();
            assert!(!text.contains("key-password") && !text.contains("another-password"), "{text}");
        }
    }
}

#[test]
fn channel_binding_and_demands_on_the_method() {
    let _noisy = noisy();
    let plus = |result: &Value| assert_eq!(result["facts"]["auth_method"], "scram-sha-256-plus", "{result:#}");
    let plain = |result: &Value| assert_eq!(result["facts"]["auth_method"], "scram-sha-256", "{result:#}");
    run(vec![
        Case::ok("prefer", role("scramuser", json!({"channel_binding": "prefer"}))).and(plus),
        Case::ok("require", role("scramuser", json!({"channel_binding": "require"}))).and(plus),
        Case::ok("disable", role("scramuser", json!({"channel_binding": "disable"}))).and(plain),
        Case::not_ok(
            "required, and md5 asked for",
            role("md5user", json!({"channel_binding": "require"})),
            "failed",
            "tls",
        )
        .phase("auth"),
        Case::not_ok(
            "required, in clear",
            role("scramuser", json!({"channel_binding": "require", "sslmode": "disable"})),
            "error",
            "definition",
        ),
        Case::ok("the method that is admitted", role("scramuser", json!({"require_auth": "scram-sha-256"}))),
        Case::not_ok("another method", role("plainuser", json!({"require_auth": "scram-sha-256"})), "failed", "policy"),
        Case::not_ok("no proof at all", role("trustuser", json!({"require_auth": "!none"})), "failed", "policy"),
    ]);
}

#[test]
fn places_to_log_in() {
    let _noisy = noisy();
    let list = |hosts: String| with(role("scramuser", json!({})), "host", json!(hosts));
    let dead = || "127.0.0.1:1".to_owned();
    run(vec![
        Case::ok("unix socket", with(role("scramuser", json!({})), "host", json!(server("PG_SOCKET_DIR"))))
            .and(|result| says(result, "address", "/.s.PGSQL.")),
        Case::ok("a dead first host", list([dead(), at("127.0.0.1", "PG_PORT")].join(","))),
        Case::ok("a busy first host", list([at("127.0.0.1", "PG_CLOSED_PORT"), at("127.0.0.1", "PG_PORT")].join(","))),
        Case::ok(
            "ports in an extra",
            with(
                role("scramuser", json!({"port": format!("1,{}", port("PG_PORT"))})),
                "host",
                json!("127.0.0.1,localhost"),
            ),
        ),
        Case::not_ok("only dead hosts", list("127.0.0.1:1,127.0.0.1:2".to_owned()), "failed", "unreachable")
            .and(|result| assert_eq!(result["reason"], "connection_refused", "{result:#}")),
        Case::not_ok(
            "no second host after a refusal",
            with(
                list([at("127.0.0.1", "PG_PORT"), at("127.0.0.1", "PG_STANDBY_PORT")].join(",")),
                "password",
                json!("wrong-one"),
            ),
            "failed",
            "auth",
        )
        .and(|result| assert_eq!(result["address"], at("127.0.0.1", "PG_PORT"))),
        Case::ok("an override", with(role("scramuser", json!({"host": "127.0.0.1"})), "host", json!("db.invalid")))
            .and(|result| assert!(warns(result, "extra_overrides"))),
        Case::not_ok("nothing there", with(role("scramuser", json!({})), "port", json!(1)), "failed", "unreachable")
            .phase("connect"),
        Case::not_ok(
            "no socket",
            with(role("scramuser", json!({})), "host", json!("/no/such/directory")),
            "failed",
            "unreachable",
        )
        .phase("connect"),
    ]);
}

#[test]
fn kinds_of_sessions() {
    let _noisy = noisy();
    let both = |attrs: &str| {
        let hosts = [at("127.0.0.1", "PG_PORT"), at("127.0.0.1", "PG_STANDBY_PORT")].join(",");
        with(role("scramuser", json!({"target_session_attrs": attrs})), "host", json!(hosts))
    };
    let primary = |result: &Value| assert_eq!(result["address"], at("127.0.0.1", "PG_PORT"), "{result:#}");
    let standby = |result: &Value| {
        assert_eq!(result["address"], at("127.0.0.1", "PG_STANDBY_PORT"), "{result:#}");
        assert_eq!(result["facts"]["read_only"], true);
    };
    run(vec![
        Case::ok("any", both("any")).and(primary),
        Case::ok("read-write", both("read-write")).and(primary),
        Case::ok("primary", both("primary")).and(primary),
        Case::ok("read-only", both("read-only")).and(standby),
        Case::ok("standby", both("standby")).and(standby),
        Case::ok("prefer-standby", both("prefer-standby")).and(standby),
        Case::ok(
            "prefer-standby where there is none",
            role("scramuser", json!({"target_session_attrs": "prefer-standby"})),
        )
        .and(primary),
        Case::ok("a role that only reads", role("readonly", json!({})))
            .and(|result| assert_eq!(result["facts"]["read_only"], true)),
        Case::not_ok(
            "read-write, by that role",
            role("readonly", json!({"target_session_attrs": "read-write"})),
            "failed",
            "server",
        )
        .phase("auth"),
        Case::not_ok(
            "standby where there is none",
            role("scramuser", json!({"target_session_attrs": "standby"})),
            "failed",
            "server",
        ),
    ]);
}

#[test]
fn settings_of_the_session() {
    let _noisy = noisy();
    run(vec![
        Case::ok("a setting", role("scramuser", json!({"options": "-c default_transaction_read_only=on"})))
            .and(|result| assert_eq!(result["facts"]["read_only"], true)),
        Case::not_ok(
            "an unknown setting",
            role("scramuser", json!({"options": "-c nosuch=1"})),
            "failed",
            "definition",
        )
        .code("42704"),
        Case::not_ok(
            "a value that cannot be",
            role("scramuser", json!({"options": "-c statement_timeout=soon"})),
            "failed",
            "definition",
        )
        .code("22023"),
        Case::not_ok(
            "a setting of the whole server",
            role("scramuser", json!({"options": "-c max_connections=9"})),
            "failed",
            "definition",
        )
        .code("55P02"),
        Case::not_ok("a switch", role("scramuser", json!({"options": "-P"})), "skipped", "unsupported"),
    ]);
}

#[test]
fn something_else_on_the_port() {
    let http = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let here = http.local_addr().unwrap().port();
    std::thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        for stream in http.incoming() {
            let mut stream = stream.unwrap();
            let _heard = stream.read(&mut [0; 512]);
            let _said = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        }
    });
    let there = |sslmode| with(role("scramuser", json!({"sslmode": sslmode})), "port", json!(here));
    let named = |result: &Value| assert_eq!(result["reason"], "other_protocol", "{result:#}");
    run(vec![
        Case::not_ok("asked for TLS", there("prefer"), "failed", "protocol").and(named),
        Case::not_ok("in clear", there("disable"), "failed", "protocol").and(named),
    ]);
}

#[test]
fn a_thousand_good_probes_leave_no_complaint_in_the_log() {
    let _alone = LOG.write().unwrap_or_else(PoisonError::into_inner);
    let log = || std::fs::read_to_string(server("PG_LOG")).unwrap();
    let before = log().len();
    let ways = [
        role("scramuser", json!({})),
        role("scramuser", json!({"sslmode": "disable"})),
        role("md5user", json!({"sslmode": "verify-full", "sslrootcert": pki("ca.pem")})),
        with(role("certuser", certificate("client")), "password", Value::Null),
        with(role("scramuser", json!({})), "host", json!(server("PG_SOCKET_DIR"))),
    ];
    let mut definitions = Map::new();
    for number in 0..1000 {
        let mut definition = ways[number % ways.len()].clone();
        // Definitions that are equal in everything would share one probe.
        definition["extra"]["application_name"] = json!(format!("probe {number}"));
        definitions.insert(format!("c{number}"), definition);
    }
    let report = check_all(&Value::Object(definitions), &[]);
    assert_eq!(report["summary"]["ok"], 1000, "{:#}", report["causes"]);
    let complaints = || {
        std::thread::sleep(std::time::Duration::from_millis(200));
        let log = log();
        let lines = log[before..].lines().filter(|line| !line.contains("LOG:  checkpoint"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(complaints(), Vec::<String>::new());
    // A refused login does appear in the log.
    check(&with(role("scramuser", json!({})), "password", json!("wrong-password")), &[]);
    assert_eq!(complaints().iter().filter(|line| line.contains("FATAL")).count(), 1);
}
