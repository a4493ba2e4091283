//! Outcomes of MariaDB 10.11.
//!
//! One test, because its parts share the server's counters and settings.

use serde_json::{Map, Value, json};

use super::cases::{Case, check_all, pki, port, run, server};
use crate::drivers::mysql::live::{Counters, sql, tls, with};

fn definition(login: &str, password: &str) -> Value {
    json!({"conn_type": "mariadb", "host": "127.0.0.1", "port": port("MARIADB_PORT"),
           "login": login, "password": password, "schema": "appdb"})
}

#[test]
fn outcomes() {
    accounts();
    run(logins());
    run(refusals());
    run(channels());
    users_that_it_does_not_know();
    a_refusal_in_clear_holds_no_login_over_tls();
    blocked_after_wrong_passwords();
    a_proxy_header_is_not_wanted();
    a_thousand_good_probes_leave_no_trace();
}

/// Creates the accounts that the common set lacks.
fn accounts() {
    sql(
        &server("MARIADB_SOCKET"),
        "create user if not exists local@localhost identified by 'right';
         create user if not exists outsider@'127.0.0.1' identified by 'canary-password';
         create user if not exists peer@'127.0.0.1' identified via unix_socket;
         create user if not exists old@'127.0.0.1' identified via mysql_old_password using '6fd9c8d574a26ac8';
         create user if not exists blocked@'127.0.0.1' identified by 'right';
         grant all on appdb.* to local@localhost;",
    );
}

fn logins() -> Vec<Case> {
    let native = definition("native", "right");
    let socket = server("MARIADB_SOCKET");
    let local = with(&definition("local", "right"), json!({"host": null, "port": null}));
    vec![
        Case::ok("native", native.clone()).and(|result| {
            let facts = &result["facts"];
            assert_eq!(facts["server"], "MariaDB");
            assert!(facts["version"].as_str().unwrap().starts_with("10.11."), "{}", facts["version"]);
            assert_eq!(facts["user"], "native@127.0.0.1");
            assert_eq!(facts["database"], "appdb");
            assert_eq!(facts["auth_method"], "mysql_native_password");
            assert_eq!(facts["read_only"], false);
            assert_eq!(facts["server_proved"], false);
            let phases: Vec<&str> =
                result["phases"].as_array().unwrap().iter().map(|phase| phase["phase"].as_str().unwrap()).collect();
            assert_eq!(phases, ["resolve", "connect", "tls", "auth", "query"]);
            assert_eq!(result["warnings"], json!([]), "loopback does not warn");
        }),
        Case::ok("native, plain", with(&native, tls("DISABLED", None))).and(|result| {
            assert_eq!(result["facts"]["tls"], Value::Null);
        }),
        Case::ok("by name", with(&native, json!({"host": "localhost"}))),
        Case::ok("no database", with(&native, json!({"schema": null}))).and(|result| {
            assert_eq!(result["facts"]["database"], Value::Null);
        }),
        Case::ok("a character set", with(&native, json!({"extra": {"charset": "latin1"}}))),
        Case::ok("ed25519", definition("ed", "right")).and(|result| {
            assert_eq!(result["facts"]["auth_method"], "client_ed25519");
        }),
        Case::ok("ed25519, plain", with(&definition("ed", "right"), tls("DISABLED", None))),
        Case::ok("no password where none is needed", with(&definition("nopassword", ""), json!({"password": null}))),
        Case::ok("a unix socket", with(&local, json!({"host": socket}))).and(|result| {
            assert_eq!(result["address"], result["host"]);
            assert_eq!(result["facts"]["user"], "local@localhost");
            assert_eq!(result["facts"]["tls"], Value::Null, "as the usual clients have it");
        }),
        Case::ok("a unix socket as an extra", with(&local, json!({"extra": {"unix_socket": socket}}))),
        Case::ok("a unix socket, encrypted", with(&local, json!({"host": socket, "extra": {"ssl_mode": "REQUIRED"}})))
            .and(|result| assert_ne!(result["facts"]["tls"], Value::Null)),
    ]
}

fn refusals() -> Vec<Case> {
    let auth = |name, definition| Case::not_ok(name, definition, "failed", "auth");
    let denied = |name, definition| Case::not_ok(name, definition, "failed", "denied").phase("auth").code("1044");
    let database = |login, schema| with(&definition(login, "right"), json!({"schema": schema}));
    vec![
        auth("wrong password", definition("native", "wrong-password")).phase("auth").code("1045").and(|result| {
            assert_eq!(result["reason"], "login_refused");
            assert!(result["detail"].as_str().unwrap().contains("using password: YES"), "{}", result["detail"]);
            assert_eq!(result["facts"]["auth_method"], "mysql_native_password");
        }),
        auth("wrong password, ed25519", definition("ed", "wrong-password")).phase("auth").code("1045"),
        auth("unknown user", definition("nobody", "wrong-password")).phase("auth").code("1045"),
        auth("no password", with(&definition("native", ""), json!({"password": null})))
            .code("1045")
            .reason("password_missing"),
        auth("host not allowed", definition("otherhost", "right")).code("1045"),
        auth("TLS demanded", with(&definition("tlsonly", "right"), tls("DISABLED", None))).code("1045").and(|result| {
            assert!(result["hint"].as_str().unwrap().contains("ssl_mode"), "{}", result["hint"]);
        }),
        auth("client certificate demanded", definition("x509only", "right")).code("1045"),
        auth(
            "wrong password and missing database",
            with(&definition("native", "wrong-password"), json!({"schema": "nodb"})),
        )
        .code("1045"),
        auth("locked", definition("locked", "right")).phase("auth").code("4151"),
        auth("expired", definition("expired", "right")).phase("query").code("1820"),
        auth("an account of the operating system", definition("peer", "wrong-password")).code("1698"),
        Case::not_ok("a password in the old format", definition("old", "right"), "skipped", "unsupported"),
        denied("missing database, without rights", database("native", "nodb")),
        denied("no right to the database", definition("outsider", "canary-password")),
        Case::not_ok("missing database, with rights", database("globaluser", "nodb"), "failed", "not_found")
            .phase("auth")
            .code("1049"),
        Case::not_ok("a line end after the database", database("native", "appdb\n"), "failed", "not_found")
            .code("1102")
            .reason("database_not_found")
            .and(|result| assert_eq!(result["fields"], json!(["schema"]), "{result:#}")),
        Case::not_ok("a limit of the account", definition("limited", "right"), "failed", "busy").code("1226"),
        Case::not_ok(
            "an unknown character set",
            with(&definition("native", "right"), json!({"extra": {"charset": "utf9"}})),
            "failed",
            "definition",
        )
        .phase("query")
        .code("1115"),
    ]
}

/// MariaDB treats an unknown user name like one of its accounts, chosen by the name, and answers 1698 if that account
/// takes no password. Neither code tells whether the name is unknown.
fn users_that_it_does_not_know() {
    const NAMES: usize = 60;
    // Like the accounts that Debian creates; a production server may have hundreds of others.
    let accounts: Vec<String> = (0..200).map(|number| format!("decoy{number}@'127.0.0.1'")).collect();
    let each = |statement: &str, how: &str| -> String {
        accounts.iter().map(|account| format!("{statement} {account} {how}")).collect::<Vec<_>>().join(";")
    };
    let by_system = "identified via mysql_native_password using 'invalid' or unix_socket";
    sql(&server("MARIADB_SOCKET"), &each("create user if not exists", by_system));
    for password in [json!("wrong-password"), Value::Null] {
        let of = |number: usize| {
            let definition = with(&definition(&format!("unknown{number}"), ""), json!({"password": password}));
            (format!("c{number}"), definition)
        };
        let report = check_all(&Value::Object((0..NAMES).map(of).collect::<Map<_, _>>()), &[]);
        let results = report["results"].as_array().unwrap();
        let mut of_the_system = 0;
        for result in results {
            let (code, reason) = (result["code"].as_str().unwrap_or_default(), &result["reason"]);
            let expected = match code {
                "1045" if password.is_null() => "password_missing",
                "1045" | "1698" => "login_refused",
                _ => panic!("{result:#}"),
            };
            of_the_system += usize::from(code == "1698");
            assert_eq!((&result["status"], &result["class"]), (&json!("failed"), &json!("auth")), "{result:#}");
            assert_eq!((reason, &result["attempts"]), (&json!(expected), &json!(1)), "{result:#}");
            let fields =
                if expected == "password_missing" { json!(["password"]) } else { json!(["login", "password"]) };
            assert_eq!(result["fields"], fields, "{result:#}");
        }
        assert!(results.len() == NAMES && (1..NAMES).contains(&of_the_system), "{of_the_system} of {NAMES}");
    }
    sql(&server("MARIADB_SOCKET"), &each("drop user", ""));
}

/// All TLS settings that a definition can have.
fn channels() -> Vec<Case> {
    let native = definition("native", "right");
    let mode = |mode, ca: Option<&str>| with(&native, tls(mode, ca));
    let at = |host: &str, mut definition: Value| {
        definition["host"] = json!(host);
        definition
    };
    let identity = |ca, certificate: &str, key: &str| {
        let ssl = json!({"ca": pki(ca), "cert": pki(certificate), "key": pki(key)});
        with(&definition("x509only", "right"), json!({"extra": {"ssl": ssl}}))
    };
    let wrong_ca = |name, definition| Case::not_ok(name, definition, "failed", "tls").phase("tls");
    vec![
        Case::ok("REQUIRED", mode("REQUIRED", None)),
        // mysqlclient refuses this value.
        Case::not_ok("required, in lower case", mode("required", None), "error", "definition"),
        Case::ok("TLS demanded and had", definition("tlsonly", "right")),
        Case::ok("VERIFY_CA", mode("VERIFY_CA", Some("ca.pem"))).and(|result| {
            assert_eq!(result["facts"]["tls"]["verified"], false, "the name was not checked");
        }),
        Case::ok("a CA means VERIFY_CA", with(&native, json!({"extra": {"ssl": {"ca": pki("ca.pem")}}}))),
        Case::ok(
            "a CA in JSON text",
            with(&native, json!({"extra": {"ssl": json!({"ca": pki("ca.pem")}).to_string()}})),
        ),
        Case::ok(
            "a CA inline",
            with(&native, json!({"extra": {"ssl": {"ca": std::fs::read_to_string(pki("ca.pem")).unwrap()}}})),
        ),
        Case::ok("VERIFY_IDENTITY, by name", at("localhost", mode("VERIFY_IDENTITY", Some("ca.pem")))),
        Case::ok("VERIFY_IDENTITY, by address", mode("VERIFY_IDENTITY", Some("ca.pem"))).and(|result| {
            assert_eq!(result["facts"]["tls"]["verified"], true);
            assert_eq!(result["facts"]["server_proved"], true);
            assert_eq!(result["facts"]["tls"]["chain"][0]["subject"], "CN=localhost");
        }),
        Case::ok("VERIFY_IDENTITY, by the CA of the run", mode("VERIFY_IDENTITY", None))
            .argument("--tls-ca")
            .argument(pki("ca.pem")),
        wrong_ca("VERIFY_CA, unknown CA", mode("VERIFY_CA", Some("otherca.pem"))).and(|result| {
            assert_eq!(result["facts"]["tls"]["chain"][0]["subject"], "CN=localhost", "the chain is shown");
        }),
        wrong_ca("VERIFY_IDENTITY, unknown CA", mode("VERIFY_IDENTITY", Some("otherca.pem"))),
        wrong_ca("VERIFY_IDENTITY, the system's CAs", mode("VERIFY_IDENTITY", None)),
        Case::ok("a client certificate", identity("ca.pem", "client.pem", "client.key")),
        Case::ok("a client certificate, one file", identity("ca.pem", "client-key.pem", "client-key.pem")),
        Case::not_ok(
            "a client certificate of another CA",
            identity("ca.pem", "otherca-client.pem", "otherca-client.key"),
            "failed",
            "tls",
        ),
        Case::not_ok("a CA that is not there", mode("VERIFY_CA", Some("nothing.pem")), "error", "policy"),
    ]
}

/// For an account with REQUIRE SSL, the server's answer in clear text is the same as for a wrong password.
fn a_refusal_in_clear_holds_no_login_over_tls() {
    let of = |mode, ca: Option<&str>| with(&definition("tlsonly", "right"), tls(mode, ca));
    for (first, second, expected) in [
        (of("DISABLED", None), of("VERIFY_IDENTITY", Some("ca.pem")), ["auth login_refused", "ok"]),
        (of("VERIFY_IDENTITY", Some("ca.pem")), of("DISABLED", None), ["ok", "auth login_refused"]),
    ] {
        let report = check_all(&json!({"first": first, "second": second}), &[]);
        let told: Vec<String> = report["results"].as_array().unwrap().iter().map(came_to).collect();
        assert_eq!(told, expected, "{report:#}");
    }
}

/// The class and reason of a login that was made, or `ok`.
fn came_to(result: &Value) -> String {
    assert_eq!(result["attempts"], 1, "{result:#}");
    match (result["class"].as_str(), result["reason"].as_str()) {
        (Some(class), Some(reason)) => format!("{class} {reason}"),
        _ => result["status"].as_str().unwrap().to_owned(),
    }
}

/// The server blocks a user after too many wrong passwords.
fn blocked_after_wrong_passwords() {
    let socket = server("MARIADB_SOCKET");
    sql(&socket, "set global max_password_errors = 1");
    let wrong =
        |code| Case::not_ok("a blocked user", definition("blocked", "wrong-password"), "failed", "auth").code(code);
    run(vec![wrong("1045"), wrong("4150")]);
    sql(&socket, "set global max_password_errors = default; flush privileges");
}

/// MariaDB refuses a PROXY header from an address that is not on its list, right after its greeting: before the client
/// has answered, or after. If `HAProxy` passes the client's next packet to a server that has hung up, it may lose the
/// refusal. Timing decides, so one of ten logins with the right reason is enough.
fn a_proxy_header_is_not_wanted() {
    for mode in ["DISABLED", "PREFERRED"] {
        let mut proxied = with(&definition("native", "right"), tls(mode, None));
        proxied["port"] = json!(port("HAPROXY_MARIADB_HEADER_PORT"));
        let named = (0..10).any(|_| {
            let report = check_all(&json!({ "proxied": proxied }), &[]);
            let result = &report["results"][0];
            if result["reason"] == "address_denied" {
                assert_eq!([&result["class"], &result["code"]], ["denied", "1130"], "{mode}: {result:#}");
                assert!(result["detail"].as_str().unwrap_or_default().contains("Proxy header"), "{mode}: {result:#}");
                return true;
            }
            assert_eq!(result["class"], "closed", "{mode}: {result:#}");
            false
        });
        assert!(named, "{mode}: no login of ten named the refusal");
    }
}

/// Each probe makes one connection, and the server logs no complaint.
fn a_thousand_good_probes_leave_no_trace() {
    let socket = server("MARIADB_SOCKET");
    let mut definitions = Map::new();
    for number in 1..=500 {
        let bench = definition(&format!("bench{number}"), "right");
        definitions.insert(format!("tls{number}"), with(&bench, tls("VERIFY_IDENTITY", Some("ca.pem"))));
        definitions.insert(format!("plain{number}"), with(&bench, tls("DISABLED", None)));
    }
    let before = Counters::read(&socket);
    let report = check_all(&Value::Object(definitions), &[]);
    assert_eq!(report["summary"]["ok"], 1000, "{:#}", report["causes"]);
    before.expect_since(&socket, 1000);
    before.expect_a_complaint_of_who_hangs_up(&socket, port("MARIADB_PORT"));
}
