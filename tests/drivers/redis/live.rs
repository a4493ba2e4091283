//! Results of Redis logins: users, TLS, a cluster, a Sentinel, and a replica without its master.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::cases::{Case, pki, port, run};

/// A definition for the server at the port `key`, with `more`.
fn at(key: &str, login: &str, password: &str, more: Value) -> Value {
    let mut definition =
        json!({"conn_type": "redis", "host": "127.0.0.1", "port": port(key), "login": login, "password": password});
    let (Some(fields), Value::Object(more)) = (definition.as_object_mut(), more) else { panic!("two objects") };
    fields.extend(more);
    definition
}

fn definition(login: &str, password: &str, extra: Value) -> Value {
    let mut definition = at("REDIS_PORT", login, password, json!({}));
    definition["extra"] = extra;
    definition
}

/// A definition for a verified login over TLS at the port `key`.
fn encrypted(host: &str, key: &str, mut extra: Value) -> Value {
    let ca = json!({"ssl": true, "ssl_ca_certs": pki("ca.pem")});
    for (name, value) in ca.as_object().unwrap() {
        extra.as_object_mut().unwrap().entry(name).or_insert_with(|| value.clone());
    }
    at(key, "", "right", json!({"host": host, "extra": extra}))
}

fn pem(name: &str) -> String {
    fs::read_to_string(pki(name)).unwrap()
}

/// The codes of the warnings.
fn warned(result: &Value) -> Vec<&str> {
    result["warnings"].as_array().unwrap().iter().map(|warning| warning["code"].as_str().unwrap()).collect()
}

#[test]
fn logins() {
    run(vec![
        Case::ok("the user default", definition("", "right", json!({}))).and(|result| {
            assert_eq!((&result["facts"]["server"], &result["warnings"]), (&json!("Redis"), &json!([])));
            assert!(result["facts"]["version"].as_str().unwrap().starts_with("7."));
            let phases: Vec<&Value> =
                result["phases"].as_array().unwrap().iter().map(|phase| &phase["phase"]).collect();
            assert_eq!(phases, ["resolve", "connect", "auth", "query"]);
        }),
        Case::ok("the same by its name", definition("default", "right", json!({}))),
        Case::ok("a user of the list", definition("probe", "right", json!({}))),
        Case::ok("a database", definition("probe", "right", json!({"db": "3"})))
            .and(|result| assert_eq!(result["facts"]["database"], "3")),
        Case::ok("a user without a right", definition("bare", "bare-pass", json!({})))
            .and(|result| assert_eq!(warned(result), ["few_rights"])),
        // The server does not reveal that such a user needs no password.
        Case::ok("a user whom any password lets in", definition("free", "nonsense", json!({}))),
        Case::ok("the same without a password", definition("free", "", json!({}))),
        Case::ok("every other type", at("REDIS_PORT", "probe", "right", json!({"conn_type": "Valkey"}))),
        Case::ok("no login, and none demanded", at("REDIS_OPEN_PORT", "", "", json!({})))
            .and(|result| assert_eq!(warned(result), ["login_not_demanded"])),
        Case::ok("a password that nobody set", at("REDIS_OPEN_PORT", "", "canary-password", json!({})))
            .and(|result| assert_eq!(warned(result), ["login_not_demanded"])),
        Case::ok("the same for the user default", at("REDIS_OPEN_PORT", "default", "canary-password", json!({})))
            .and(|result| assert_eq!(warned(result), ["login_not_demanded"])),
        Case::ok("words for no password", at("REDIS_OPEN_PORT", "", "None", json!({})))
            .and(|result| assert_eq!(warned(result), ["ignored_field", "login_not_demanded"])),
    ]);
}

#[test]
fn refusals() {
    run(vec![
        Case::not_ok("wrong password", definition("", "wrong", json!({})), "failed", "auth")
            .phase("auth")
            .code("WRONGPASS")
            .reason("login_refused"),
        Case::not_ok("unknown user", definition("ghost", "right", json!({})), "failed", "auth").code("WRONGPASS"),
        Case::not_ok("no password for a user", definition("probe", "", json!({})), "failed", "auth")
            .code("WRONGPASS")
            .reason("password_missing"),
        Case::not_ok("no login where one is demanded", definition("", "", json!({})), "failed", "auth")
            .phase("auth")
            .code("NOAUTH")
            .reason("password_missing"),
        Case::not_ok(
            "a user where only default is",
            at("REDIS_OPEN_PORT", "etl", "right", json!({})),
            "failed",
            "auth",
        )
        .code("WRONGPASS"),
        Case::not_ok(
            "a database beyond the last",
            definition("probe", "right", json!({"db": 99})),
            "failed",
            "not_found",
        )
        .phase("query")
        .reason("database_not_found")
        .and(|result| assert_eq!(result["fields"], json!(["extra.db"]))),
        Case::not_ok("no right to the database", definition("bare", "bare-pass", json!({"db": 3})), "failed", "denied")
            .phase("query")
            .code("NOPERM")
            .reason("database_denied"),
        Case::not_ok(
            "a replica without its master",
            at("REDIS_REPLICA_PORT", "", "right", json!({})),
            "failed",
            "busy",
        )
        .code("MASTERDOWN"),
    ]);
}

#[test]
fn clusters_and_sentinels() {
    let node = |extra: Value| at("REDIS_CLUSTER_PORT", "", "right", json!({"extra": extra}));
    let second = format!("127.0.0.1:{}", port("REDIS_CLUSTER_PORT"));
    let list =
        at("REDIS_CLUSTER_PORT", "", "right", json!({"port": 1, "extra": {"cluster": true, "startup_nodes": second}}));
    run(vec![
        Case::ok("a node of a cluster", node(json!({"cluster": true}))),
        Case::ok("the second node of a list", list).and(|result| assert_eq!(warned(result), ["host_skipped"])),
        Case::not_ok("a database in a cluster", node(json!({"db": 1})), "failed", "definition")
            .phase("query")
            .reason("wrong_deployment"),
        Case::not_ok(
            "the same, as the definition knows",
            node(json!({"db": 1, "cluster": true})),
            "error",
            "definition",
        ),
        Case::not_ok("a Sentinel", at("REDIS_SENTINEL_PORT", "", "", json!({})), "failed", "definition")
            .reason("wrong_deployment"),
        Case::not_ok(
            "a Sentinel, by a password",
            at("REDIS_SENTINEL_PORT", "", "right", json!({})),
            "failed",
            "definition",
        )
        .reason("wrong_deployment"),
        Case::not_ok(
            "a Sentinel, by a database",
            at("REDIS_SENTINEL_PORT", "", "", json!({"extra": {"db": 1}})),
            "failed",
            "definition",
        )
        .reason("wrong_deployment"),
    ]);
}

#[test]
fn a_server_that_is_full_says_so() {
    let mut holding = TcpStream::connect(("127.0.0.1", port("REDIS_FULL_PORT"))).unwrap();
    holding.write_all(b"PING\r\n").unwrap();
    holding.read_exact(&mut [0; 7]).unwrap();
    let full = |password: &str| at("REDIS_FULL_PORT", "", password, json!({}));
    run(vec![
        Case::not_ok("full, by a password", full("right"), "failed", "busy")
            .phase("auth")
            .reason("too_many_connections"),
        Case::not_ok("full, without one", full(""), "failed", "busy").phase("auth").reason("too_many_connections"),
    ]);
}

#[test]
fn tls() {
    let pair =
        |name: &str| json!({"ssl_certfile": pem(&format!("{name}.pem")), "ssl_keyfile": pem(&format!("{name}.key"))});
    run(vec![
        Case::ok("verified", encrypted("localhost", "REDIS_TLS_PORT", json!({}))).argument("--verify-tls").and(
            |result| {
                assert_eq!((&result["facts"]["tls"]["verified"], &result["warnings"]), (&json!(true), &json!([])));
            },
        ),
        Case::ok(
            "by the type",
            at(
                "REDIS_TLS_PORT",
                "probe",
                "right",
                json!({"conn_type": "rediss", "extra": {"ssl_ca_certs": pki("ca.pem")}}),
            ),
        ),
        Case::ok("unverified", encrypted("localhost", "REDIS_TLS_PORT", json!({"ssl_cert_reqs": "none"})))
            .and(|result| assert_eq!(result["facts"]["tls"]["verified"], false)),
        Case::ok("any name", encrypted("::ffff:127.0.0.1", "REDIS_TLS_PORT", json!({"ssl_check_hostname": false}))),
        Case::ok("a client certificate", encrypted("localhost", "REDIS_MTLS_PORT", pair("client"))),
        Case::not_ok(
            "unknown CA",
            encrypted("localhost", "REDIS_TLS_PORT", json!({"ssl_ca_certs": pki("otherca.pem")})),
            "failed",
            "tls",
        )
        .phase("tls"),
        Case::not_ok("wrong host name", encrypted("::ffff:127.0.0.1", "REDIS_TLS_PORT", json!({})), "failed", "tls")
            .phase("tls"),
        Case::not_ok("no client certificate", encrypted("localhost", "REDIS_MTLS_PORT", json!({})), "failed", "tls"),
        Case::not_ok(
            "a client certificate of another CA",
            encrypted("localhost", "REDIS_MTLS_PORT", pair("otherca-client")),
            "failed",
            "tls",
        ),
        Case::not_ok(
            "wrong password, encrypted",
            {
                let mut definition = encrypted("localhost", "REDIS_TLS_PORT", json!({}));
                definition["password"] = json!("wrong");
                definition
            },
            "failed",
            "auth",
        )
        .code("WRONGPASS"),
        Case::not_ok(
            "TLS demanded, none asked for",
            at("REDIS_TLS_PORT", "", "right", json!({})),
            "failed",
            "unreachable",
        )
        .phase("auth")
        .and(|result| assert!(result["hint"].as_str().unwrap().contains("`ssl`"))),
        // A Redis server without TLS reads a TLS hello as commands, and waits for a line end if the hello contains
        // none.
        Case::not_ok(
            "a key file that is none",
            encrypted("localhost", "REDIS_TLS_PORT", json!({"ssl_ca_certs": "nowhere.pem"})),
            "error",
            "policy",
        ),
    ]);
}

#[test]
fn tls_where_there_is_none_is_told() {
    let definition = encrypted("localhost", "REDIS_PORT", json!({}));
    let result = crate::cases::check(&definition, &["--timeout".to_owned(), "1s".to_owned()]);
    assert_eq!((&result["status"], &result["phase"]), (&json!("failed"), &json!("tls")), "{result:#}");
    assert!(["tls", "timeout"].contains(&result["class"].as_str().unwrap()), "{result:#}");
    assert!(result["class"] == "tls" || result["hint"].as_str().unwrap().contains("`ssl`"), "{result:#}");
}
