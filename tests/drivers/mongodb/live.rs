//! Results of MongoDB logins, against FerretDB. It speaks MongoDB's protocol and checks logins, but has no LDAP, no
//! certificate logins and no replica sets; scripts play those in the driver's tests.

use std::fs;

use serde_json::{Value, json};

use crate::cases::{Case, pki, port, run};

/// A definition for the port without TLS, with `login`, `password` and `more`.
fn definition(login: &str, password: &str, more: Value) -> Value {
    with(
        json!({"conn_type": "mongo", "host": "127.0.0.1", "port": port("MONGODB_PORT"), "login": login, "password": password}),
        more,
    )
}

/// A definition of the user of `admin` over TLS, at the port `key`, with `extra`.
fn encrypted(host: &str, key: &str, extra: Value) -> Value {
    let extra = with(json!({"tls": true, "tlsCAFile": pki("ca.pem")}), extra);
    definition("connprobe", "connprobe-demo", json!({"host": host, "port": port(key), "extra": extra}))
}

fn with(mut base: Value, more: Value) -> Value {
    let (Some(fields), Value::Object(more)) = (base.as_object_mut(), more) else { panic!("two objects") };
    fields.extend(more);
    base
}

/// A certificate and its key in one text, as MongoDB's files have them.
fn identity(name: &str) -> String {
    [format!("{name}.pem"), format!("{name}.key")].map(|file| fs::read_to_string(pki(&file)).unwrap()).concat()
}

#[test]
fn logins() {
    let by = |mechanism: &str| json!({"schema": "appdb", "extra": {"authMechanism": mechanism}});
    run(vec![
        Case::ok("the best that the user has", definition("adminuser", "right", json!({}))).and(|result| {
            assert_eq!(result["facts"]["auth_method"], "SCRAM-SHA-256");
            assert_eq!(result["facts"]["user"], "adminuser");
            assert_eq!(result["facts"]["server_proved"], true);
            assert!(result["facts"]["server"].as_str().unwrap().starts_with("FerretDB"));
            let phases: Vec<&Value> =
                result["phases"].as_array().unwrap().iter().map(|phase| &phase["phase"]).collect();
            assert_eq!(phases, ["resolve", "connect", "auth", "query"]);
        }),
        Case::ok("SCRAM-SHA-256", definition("mongouser", "right", by("SCRAM-SHA-256")))
            .and(|result| assert_eq!(result["facts"]["auth_method"], "SCRAM-SHA-256")),
        Case::ok("SCRAM-SHA-1", definition("mongouser", "right", by("SCRAM-SHA-1")))
            .and(|result| assert_eq!(result["facts"]["auth_method"], "SCRAM-SHA-1")),
        Case::ok("the authentication database is schema", definition("mongouser", "right", json!({"schema": "appdb"})))
            .and(|result| assert_eq!(result["target"].as_str().unwrap().split_once('/').unwrap().1, "appdb")),
        Case::ok(
            "extra authSource beats schema",
            definition("mongouser", "right", json!({"schema": "nosuchdb", "extra": {"AuthSource": "appdb"}})),
        ),
        Case::ok(
            "the second host of a list",
            definition(
                "adminuser",
                "right",
                json!({"host": format!("127.0.0.1:1,127.0.0.1:{}", port("MONGODB_PORT")), "port": null}),
            ),
        )
        .and(|result| assert_eq!(result["warnings"][0]["code"], "host_skipped")),
        Case::ok("every other spelling of the type", definition("adminuser", "right", json!({"conn_type": "MongoDB"}))),
    ]);
}

#[test]
fn refusals() {
    let plain = json!({"extra": {"authMechanism": "PLAIN", "authSource": "appdb"}});
    run(vec![
        Case::not_ok("wrong password", definition("mongouser", "wrong", json!({"schema": "appdb"})), "failed", "auth")
            .phase("auth")
            .code("18"),
        Case::not_ok("unknown user", definition("ghost", "right", json!({"schema": "appdb"})), "failed", "auth")
            .phase("auth")
            .code("18"),
        Case::not_ok("the user of another database", definition("mongouser", "right", json!({})), "failed", "auth")
            .code("18")
            .and(|result| assert!(result["hint"].as_str().unwrap().contains("authSource"))),
        Case::not_ok(
            "schema is not where the user is",
            definition("adminuser", "right", json!({"schema": "appdb"})),
            "failed",
            "auth",
        )
        .code("18")
        .and(|result| assert!(result["hint"].as_str().unwrap().contains("`schema`"))),
        // FerretDB reports this with the code of a wrong password.
        Case::not_ok(
            "PLAIN, which the server lacks",
            definition("mongouser", "right", plain),
            "skipped",
            "unsupported",
        )
        .code("18")
        .reason("method_unsupported"),
        Case::not_ok("no login where one is demanded", definition("", "", json!({})), "failed", "auth")
            .phase("auth")
            .code("13"),
        Case::not_ok(
            "a replica set that is none",
            definition("adminuser", "right", json!({"extra": {"replicaSet": "rs0"}})),
            "failed",
            "definition",
        )
        .phase("auth"),
        Case::not_ok("a login without password", definition("adminuser", "", json!({})), "error", "definition"),
        Case::not_ok(
            "Kerberos",
            definition("adminuser", "right", json!({"extra": {"authMechanism": "GSSAPI"}})),
            "skipped",
            "unsupported",
        ),
    ]);
}

#[test]
fn tls() {
    run(vec![
        Case::ok("verified", encrypted("localhost", "MONGODB_TLS_PORT", json!({}))).argument("--verify-tls").and(
            |result| {
                assert_eq!(result["facts"]["tls"]["verified"], true);
                assert_eq!(result["warnings"], json!([]));
            },
        ),
        Case::ok(
            "unverified",
            encrypted("localhost", "MONGODB_TLS_PORT", json!({"tlsCAFile": null, "allow_insecure": "true"})),
        )
        .and(|result| assert_eq!(result["facts"]["tls"]["verified"], false)),
        Case::ok(
            "any name",
            encrypted("::ffff:127.0.0.1", "MONGODB_TLS_PORT", json!({"tlsAllowInvalidHostnames": true})),
        ),
        Case::ok(
            "a client certificate",
            encrypted("localhost", "MONGODB_MTLS_PORT", json!({"tlsCertificateKeyFile": identity("client")})),
        ),
        Case::not_ok(
            "unknown CA",
            encrypted("localhost", "MONGODB_TLS_PORT", json!({"tlsCAFile": pki("otherca.pem")})),
            "failed",
            "tls",
        )
        .phase("tls"),
        Case::not_ok("wrong host name", encrypted("::ffff:127.0.0.1", "MONGODB_TLS_PORT", json!({})), "failed", "tls")
            .phase("tls"),
        Case::not_ok("no client certificate", encrypted("localhost", "MONGODB_MTLS_PORT", json!({})), "failed", "tls"),
        Case::not_ok(
            "a client certificate of another CA",
            encrypted("localhost", "MONGODB_MTLS_PORT", json!({"tlsCertificateKeyFile": identity("otherca-client")})),
            "failed",
            "tls",
        ),
        // Like mongod, FerretDB closes the connection without a message after bytes that are not TLS.
        Case::not_ok(
            "TLS demanded, none offered",
            definition("connprobe", "connprobe-demo", json!({"port": port("MONGODB_TLS_PORT")})),
            "failed",
            "unreachable",
        )
        .phase("auth")
        .and(|result| assert!(result["hint"].as_str().unwrap().contains("TLS"))),
        // FerretDB reads a TLS hello as the start of a long message and waits for the rest.
        Case::not_ok("TLS wanted, none there", encrypted("localhost", "MONGODB_PORT", json!({})), "failed", "timeout")
            .phase("tls")
            .argument("--timeout")
            .argument("1s"),
        Case::not_ok(
            "a key file that is none",
            encrypted("localhost", "MONGODB_TLS_PORT", json!({"tlsCAFile": "nowhere.pem"})),
            "error",
            "policy",
        ),
    ]);
}
