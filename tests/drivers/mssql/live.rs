//! SQL Server: every level of encryption, every certificate and every refusal, against connprobe's own TDS server,
//! which was checked with other clients (`tests/servers/calibrate-tds`). No real SQL Server is used.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::cases::{Case, check, check_all, pki, port, run, server};

/// The definition of `sa` on the server `variant`, with `extra` and the fields of `changed`.
#[expect(clippy::needless_pass_by_value, reason = "reads as the table that it is")]
fn definition(variant: &str, extra: Value, changed: Value) -> Value {
    let mut definition = json!({
        "conn_type": "mssql", "host": "localhost", "port": port(&format!("SQLSERVER_{variant}_PORT")),
        "login": "sa", "password": "right", "schema": "appdb", "extra": extra,
    });
    if let (Some(definition), Value::Object(changed)) = (definition.as_object_mut(), &changed) {
        definition.extend(changed.clone());
    }
    definition
}

fn with(variant: &str, extra: Value) -> Value {
    definition(variant, extra, json!({}))
}

fn encrypted(result: &Value) {
    assert!(result["facts"]["tls"]["version"].is_string(), "{result:#}");
}

fn not_encrypted(result: &Value) {
    assert!(result["facts"]["tls"].is_null(), "{result:#}");
}

fn verified(result: &Value) {
    assert_eq!(result["facts"]["tls"]["verified"], true, "{result:#}");
    assert_eq!(result["facts"]["server_proved"], true, "{result:#}");
}

fn unverified(result: &Value) {
    encrypted(result);
    assert_eq!(result["facts"]["tls"]["verified"], false, "{result:#}");
}

/// Asserts the warning that the server forced the encryption that the definition turns off.
fn forced(result: &Value) {
    let warnings = result["warnings"].as_array().unwrap();
    assert!(warnings.iter().any(|warning| warning["code"] == "encryption_forced"), "{result:#}");
}

fn hint_names(word: &str, result: &Value) {
    assert!(result["hint"].as_str().is_some_and(|hint| hint.contains(word)), "{result:#}");
}

#[test]
fn session() {
    run(vec![
        Case::ok("facts", with("OFF", json!({}))).and(|result| {
            let facts = &result["facts"];
            assert_eq!(facts["server"], "SQL Server", "{result:#}");
            assert_eq!(facts["version"], "16.0.1000", "{result:#}");
            assert_eq!(facts["user"], "sa", "{result:#}");
            assert_eq!(facts["database"], "appdb", "{result:#}");
            assert_eq!(facts["read_only"], false, "{result:#}");
            let phases: Vec<&Value> = result["phases"].as_array().unwrap().iter().map(|phase| &phase["phase"]).collect();
            assert_eq!(phases, ["resolve", "connect", "tls", "auth", "query"], "{result:#}");
        }),
        Case::ok("default database", definition("OFF", json!({}), json!({"schema": null})))
            .and(|result| assert_eq!(result["facts"]["database"], "master", "{result:#}")),
        Case::ok("port beside the host", definition("OFF", json!({}), {
            json!({"host": format!("tcp:127.0.0.1,{}", port("SQLSERVER_OFF_PORT")), "port": null})
        })),
        Case::ok("other names of the type", definition("OFF", json!({}), json!({"conn_type": "azure-sql"}))),
        Case::ok("pymssql's extras", with("OFF", json!({
            "charset": "UTF-8", "tds_version": "7.4", "appname": "etl", "login_timeout": 5, "timeout": "5", "autocommit": true,
            "as_dict": true, "conn_properties": "SET ANSI_NULLS ON", "read_only": true,
        })))
        .and(|result| assert_eq!(result["warnings"], json!([]), "{result:#}")),
    ]);
}

#[test]
fn encryption() {
    let ca = pki("ca.pem");
    let trust = |encrypt: &str| json!({"Encrypt": encrypt, "TrustServerCertificate": "yes"});
    let by_ca = |encrypt: &str| json!({"Encrypt": encrypt, "cafile": ca});
    run(vec![
        // Without encryption settings: the login is encrypted, everything is if the server demands it, and nothing is
        // verified.
        Case::ok("silent, none", with("NONE", json!({}))).and(not_encrypted),
        Case::ok("silent, off", with("OFF", json!({}))).and(unverified),
        Case::ok("silent, on", with("ON", json!({}))).and(unverified),
        Case::ok("silent, required", with("REQUIRED", json!({}))).and(unverified),
        Case::not_ok("silent, strict", with("STRICT", json!({})), "failed", "protocol")
            .and(|result| hint_names("strict", result)),
        // The values of pymssql.
        Case::ok("off, none", with("NONE", json!({"encryption": "off"}))).and(not_encrypted),
        Case::ok("off, off", with("OFF", json!({"encryption": "off"}))).and(not_encrypted),
        // As FreeTDS behaves.
        Case::ok("off, on", with("ON", json!({"encryption": "off"}))).and(unverified).and(forced),
        Case::ok("off, required", with("REQUIRED", json!({"encryption": "off"}))).and(unverified).and(forced),
        Case::not_ok("require, none", with("NONE", json!({"encryption": "require"})), "failed", "tls").phase("tls"),
        Case::ok("require, off", with("OFF", json!({"encryption": "require"}))).and(unverified),
        Case::ok("require, required", with("REQUIRED", json!({"encryption": "require"}))).and(unverified),
        Case::ok("request, CA", with("OFF", json!({"encryption": "request", "cafile": ca}))).and(verified),
        Case::ok("strict, strict", with("STRICT", json!({"encryption": "strict", "cafile": ca}))).and(verified),
        // The values of ODBC.
        Case::ok("no, none", with("NONE", json!({"Encrypt": "no"}))).and(not_encrypted),
        Case::ok("no, off", with("OFF", json!({"Encrypt": "no"}))).and(unverified),
        Case::not_ok("no, required", with("REQUIRED", json!({"Encrypt": "no"})), "failed", "tls").phase("tls"),
        Case::ok("no and trust, required", with("REQUIRED", trust("no"))).and(unverified),
        Case::not_ok("yes, none", with("NONE", trust("yes")), "failed", "tls"),
        Case::ok("yes and trust, off", with("OFF", trust("yes"))).and(unverified),
        Case::ok("yes and CA, off", with("OFF", by_ca("yes"))).and(verified),
        Case::ok("yes and CA, on", with("ON", by_ca("mandatory"))).and(verified),
        Case::ok("yes and CA, required", with("REQUIRED", by_ca("true"))).and(verified),
        Case::not_ok("yes, strict", with("STRICT", by_ca("yes")), "failed", "protocol"),
        Case::ok("strict and CA, strict", with("STRICT", by_ca("strict"))).and(verified).and(|result| {
            assert_eq!(result["facts"]["tls"]["version"], "TLSv1.3", "{result:#}");
        }),
        Case::not_ok("strict, required", with("REQUIRED", by_ca("strict")), "failed", "unreachable")
            .phase("tls")
            .and(|result| hint_names("`require`", result)),
        // The option of the run applies to other machines only.
        Case::ok("require-tls, local", with("NONE", json!({}))).argument("--require-tls").and(not_encrypted),
    ]);
}

#[test]
fn certificates() {
    let ca = pki("ca.pem");
    let (own, other) = (pki("ca.pem"), pki("otherca.pem"));
    let verify = |ca: &str| json!({"Encrypt": "yes", "cafile": ca});
    run(vec![
        Case::not_ok("unknown CA", with("REQUIRED", json!({"Encrypt": "yes"})), "failed", "tls")
            .phase("tls")
            .and(|result| hint_names("TrustServerCertificate", result))
            .and(|result| assert_eq!(result["facts"]["tls"]["chain"][0]["subject"], "CN=localhost", "{result:#}")),
        Case::not_ok("another CA", with("REQUIRED", verify(&other)), "failed", "tls").phase("tls"),
        Case::not_ok("certificate of another CA", with("OTHERCA", verify(&own)), "failed", "tls").phase("tls"),
        Case::ok("certificate of another CA, which is trusted", with("OTHERCA", verify(&other))).and(verified),
        Case::not_ok("wrong name", with("WRONGHOST", verify(&own)), "failed", "tls").phase("tls"),
        Case::ok(
            "the name that it has",
            with("WRONGHOST", json!({"Encrypt": "yes", "cafile": ca, "HostNameInCertificate": "wrong.invalid"})),
        )
        .and(verified),
        Case::ok(
            "wrong name, trusted blindly",
            with("WRONGHOST", json!({"Encrypt": "yes", "TrustServerCertificate": true})),
        )
        .and(unverified),
        Case::not_ok("expired", with("EXPIRED", verify(&own)), "failed", "tls").phase("tls"),
        Case::ok("CA of the run", with("REQUIRED", json!({"Encrypt": "yes"})))
            .argument("--tls-ca")
            .argument(&own)
            .and(verified),
        Case::not_ok("CA file that is not there", with("REQUIRED", verify("/nowhere/ca.pem")), "error", "policy"),
    ]);
}

#[test]
fn refusals() {
    let login = |login: &str| definition("ON", json!({}), json!({"login": login}));
    let database = |schema: &str| definition("ON", json!({}), json!({"schema": schema}));
    let mut cases = vec![
        Case::not_ok(
            "wrong password",
            definition("ON", json!({}), json!({"password": "wrong-password"})),
            "failed",
            "auth",
        )
        .phase("auth")
        .code("18456"),
        Case::not_ok(
            "wrong password, plain",
            definition("NONE", json!({}), json!({"password": "wrong-password"})),
            "failed",
            "auth",
        )
        .code("18456"),
        Case::not_ok(
            "wrong password, login encrypted",
            definition("OFF", json!({}), json!({"password": "wrong-password"})),
            "failed",
            "auth",
        )
        .code("18456"),
        Case::not_ok("no password", definition("ON", json!({}), json!({"password": null})), "failed", "auth")
            .code("18456")
            .reason("password_missing"),
        Case::not_ok("unknown user", login("ghost"), "failed", "auth").code("18456"),
        Case::not_ok("disabled", login("disabled"), "failed", "auth").code("18470"),
        Case::not_ok("locked out", login("lockedout"), "failed", "auth").code("18486"),
        Case::not_ok("expired", login("expired"), "failed", "auth").code("18487"),
        Case::not_ok("must change", login("mustchange"), "failed", "auth").code("18488"),
        // The first of two errors has the reason.
        Case::not_ok("missing database", database("nodb"), "failed", "not_found").phase("auth").code("4060"),
        Case::not_ok("forbidden database", database("secretdb"), "failed", "denied").phase("auth").code("916"),
        Case::not_ok(
            "wrong password and missing database",
            definition("ON", json!({}), json!({"password": "wrong-password", "schema": "nodb"})),
            "failed",
            "auth",
        )
        .code("18456"),
    ];
    for (code, user, class) in [
        ("18452", "error-18452", "auth"),
        ("4064", "error-4064", "not_found"),
        ("978", "error-978", "denied"),
        ("40615", "error-40615", "denied"),
        ("40914", "error-40914", "denied"),
        ("17892", "error-17892", "denied"),
        ("17835", "error-17835", "tls"),
        ("40532", "error-40532", "definition"),
        ("18461", "error-18461", "busy"),
        ("17809", "error-17809", "busy"),
        ("40613", "error-40613", "busy"),
        ("10928", "error-10928", "busy"),
        ("10929", "error-10929", "busy"),
        ("50000", "error-50000", "server"),
    ] {
        cases.push(Case::not_ok(user, login(user), "failed", class).phase("auth").code(code));
    }
    run(cases);
}

#[test]
fn definitions() {
    let changed = |changed: Value| definition("OFF", json!({}), changed);
    run(vec![
        Case::not_ok("Windows login", changed(json!({"login": "DOM\\etl"})), "skipped", "unsupported"),
        Case::not_ok("Kerberos", with("OFF", json!({"Trusted_Connection": "yes"})), "skipped", "unsupported"),
        Case::not_ok(
            "Entra",
            with("OFF", json!({"Authentication": "ActiveDirectoryPassword"})),
            "skipped",
            "unsupported",
        ),
        Case::not_ok("no login", changed(json!({"login": null})), "error", "definition"),
        Case::not_ok("two ports", changed(json!({"host": "localhost,1"})), "error", "definition"),
        Case::not_ok(
            "contradiction",
            with("OFF", json!({"encryption": "off", "Encrypt": "yes"})),
            "error",
            "definition",
        ),
        Case::not_ok("nobody there", changed(json!({"port": 1})), "failed", "unreachable").phase("connect"),
    ]);
}

/// A TDS server that belongs to one test, with SQL Browser, at a loopback address of its own.
struct Own {
    server: Child,
    output: BufReader<ChildStdout>,
    address: String,
    port: u16,
}

impl Own {
    fn start(number: u8) -> Self {
        let [low, high, ..] = std::process::id().to_le_bytes();
        let address = format!("127.{}.{low}.{number}", 64 | high >> 1);
        let mut server = Command::new(env!("CARGO_BIN_EXE_tds-server"))
            .args(["--encryption", "off", "--cert", &pki("server.pem"), "--key", &pki("server.key")])
            .args(["--users", &format!("{}/../sqlserver/users.json", server("PKI_DIR"))])
            .args(["--listen", &address, "--browser-port", "1434", "--instance", "SALES"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the TDS server starts");
        let mut output = BufReader::new(server.stdout.take().expect("its output is ours"));
        let mut port = String::new();
        output.read_line(&mut port).expect("it says its port");
        Self { server, output, address, port: port.trim().parse().expect("a port") }
    }

    /// The result for a definition of `login` on this server, with `instance` or at `port`.
    fn check(&self, instance: &str, port: Option<u16>, login: &str, arguments: &[&str]) -> Value {
        let host = format!("{}{instance}", self.address);
        let definition = json!({"conn_type": "mssql", "host": host, "port": port, "login": login, "password": "right", "schema": "appdb"});
        let arguments: Vec<String> = arguments.iter().copied().map(str::to_owned).collect();
        check(&definition, &arguments)
    }

    /// Stops the server and returns the logins that it received, such as `sa appdb ok`.
    fn logins(&mut self) -> Vec<String> {
        self.server.kill().expect("it runs");
        let lines = self.output.by_ref().lines().map(|line| line.expect("its output is text"));
        lines.map(|line| line.trim_start_matches("login ").to_owned()).collect()
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let _already_ended = self.server.kill();
        let _reaped = self.server.wait();
    }
}

#[test]
fn named_instance() {
    let mut own = Own::start(1);
    let found = own.check(r"\sales", None, "sa", &[]);
    assert_eq!(found["status"], "ok", "{found:#}");
    assert_eq!(found["warnings"], json!([]), "{found:#}");
    assert_eq!(found["address"], format!("{}:{}", own.address, own.port), "{found:#}");

    let unknown = own.check(r"\OTHER", None, "sa", &[]);
    assert_eq!((&unknown["class"], &unknown["phase"]), (&json!("resolve"), &json!("resolve")), "{unknown:#}");

    // The port takes precedence over the instance, and the server reports that it is another instance.
    let other = own.check(r"\OTHER", Some(own.port), "sa", &[]);
    assert_eq!(other["status"], "ok", "{other:#}");
    let warned: Vec<&Value> = other["warnings"].as_array().unwrap().iter().map(|warning| &warning["code"]).collect();
    // pymssql ignores the instance if there is a port.
    assert_eq!(warned, ["client_differs", "instance_mismatch"], "{other:#}");
    assert_eq!(own.logins(), ["sa appdb ok", "sa appdb ok"]);
}

/// SQL Browser is queried before a credential is sent, so that all names of one server count as one account.
#[test]
fn all_names_of_an_instance_are_one_account() {
    let mut own = Own::start(3);
    let (address, port) = (own.address.clone(), own.port);
    let hosts = [
        format!(r"{address}\SALES"),
        format!(r"{address}\sales"),
        format!(r"{address}\Sales"),
        format!(r"{address}\sAlEs"),
        format!(r"tcp:{address}\SALES"),
        format!(r"{address}\OTHER"),
        address.clone(),
        format!("{address},{port}"),
    ];
    let all = hosts.iter().enumerate().map(|(n, host)| {
        // Some definitions give the port, in which case the instance is not looked up.
        let port = if matches!(n, 5 | 6) { json!(port) } else { Value::Null };
        let definition = json!({"conn_type": "mssql", "host": host, "port": port, "login": "sa", "schema": "appdb",
                                "password": format!("wrong-password-{n}")});
        (format!("c{n}"), definition)
    });
    let report = check_all(&Value::Object(all.collect()), &[]);
    let results = report["results"].as_array().unwrap();
    let class = |word: &str| results.iter().filter(|result| result["class"] == word).count();
    assert_eq!((class("auth"), class("withheld")), (2, 6), "{report:#}");
    assert_eq!(own.logins(), ["sa appdb 18456", "sa appdb 18456"]);
}

#[test]
fn no_other_server_is_followed_to_and_no_refusal_asked_for_twice() {
    let mut own = Own::start(2);
    let route = format!("route-{}-{}", own.address, own.port);
    let routed = own.check("", Some(own.port), &route, &[]);
    assert_eq!((&routed["status"], &routed["class"]), (&json!("error"), &json!("policy")), "{routed:#}");
    let refused = own.check("", Some(own.port), "ghost", &["--retries", "3"]);
    assert_eq!(refused["class"], "auth", "{refused:#}");
    assert_eq!(own.logins(), [format!("{route} appdb routed"), "ghost appdb 18456".to_owned()]);
}
