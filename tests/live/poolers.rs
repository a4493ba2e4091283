//! Real `PgBouncer`, Pgpool-II and `HAProxy` in front of PostgreSQL. They write to PostgreSQL's log. The tests of
//! the driver script other poolers.

use serde_json::{Value, json};

use super::cases::{Case, check, check_all, pki, port, run, server};
use crate::drivers::postgres::live::noisy;
use crate::snapshot;

/// A definition for the pooler at the port named `key`.
#[expect(clippy::needless_pass_by_value, reason = "reads as the definition that it is part of")]
fn at(key: &str, login: &str, password: &str, database: &str, extra: Value) -> Value {
    json!({
        "conn_type": "postgres", "host": "127.0.0.1", "port": port(key), "login": login, "password": password,
        "schema": database, "extra": extra,
    })
}

fn warned(result: &Value) -> Vec<&str> {
    result["warnings"].as_array().unwrap().iter().map(|warning| warning["code"].as_str().unwrap()).collect()
}

/// Compares the server's text, including its DETAIL, with the snapshot.
fn detail_is(name: &str, result: &Value) {
    snapshot::hold("poolers.txt", name, result["detail"].as_str().unwrap_or_default());
}

fn hint_is(name: &str, result: &Value) {
    snapshot::hold("poolers.txt", name, result["hint"].as_str().unwrap_or_default());
}

#[test]
fn pgbouncer_lets_in_whom_its_own_list_knows() {
    let _noisy = noisy();
    for (key, login, method) in [
        ("PGBOUNCER_PORT", "scramuser", "scram-sha-256"),
        ("PGBOUNCER_PLAIN_PORT", "scramuser", "scram-sha-256"),
        ("PGBOUNCER_MD5_PORT", "md5user", "md5"),
        ("PGBOUNCER_TLS_PORT", "scramuser", "scram-sha-256"),
    ] {
        let result = check(&at(key, login, "right", "appdb", json!({})), &[]);
        assert_eq!(result["status"], "ok", "{key}: {result:#}");
        assert_eq!(result["facts"]["auth_method"], method, "{key}");
        assert_eq!(warned(&result), [""; 0], "{key}");
    }
}

#[test]
fn refusals_of_pgbouncer_have_the_meaning_of_their_text() {
    let _noisy = noisy();
    let scram = |login: &str, password: &str, database: &str, extra: Value| {
        at("PGBOUNCER_PORT", login, password, database, extra)
    };
    run(vec![
        Case::not_ok("wrong password, SCRAM", scram("limited", "wrong-one", "appdb", json!({})), "failed", "auth")
            .code("08P01")
            .phase("auth")
            .reason("login_refused"),
        Case::not_ok("unknown user, SCRAM", scram("nobody", "right", "appdb", json!({})), "failed", "auth")
            .code("08P01")
            .reason("login_refused"),
        Case::not_ok(
            "wrong password, plain auth_file",
            at("PGBOUNCER_PLAIN_PORT", "limited", "wrong-one", "appdb", json!({})),
            "failed",
            "auth",
        )
        .code("08P01")
        .reason("login_refused"),
        Case::not_ok(
            "wrong password, md5",
            at("PGBOUNCER_MD5_PORT", "md5user", "wrong-one", "appdb", json!({})),
            "failed",
            "auth",
        )
        .code("08P01")
        .reason("login_refused"),
        Case::not_ok(
            "database that it does not serve",
            scram("scramuser", "right", "other", json!({})),
            "failed",
            "not_found",
        )
        .code("08P01")
        .reason("database_not_found"),
        Case::not_ok(
            "database that the server lacks",
            scram("scramuser", "right", "nodb", json!({})),
            "failed",
            "not_found",
        )
        .reason("database_not_found"),
        Case::not_ok(
            "no right to the database",
            scram("noconnect", "right", "restricted", json!({})),
            "failed",
            "denied",
        )
        .code("08P01")
        .reason("database_denied"),
        Case::not_ok("limit of the role", scram("limited", "right", "appdb", json!({})), "failed", "busy")
            .code("08P01")
            .reason("too_many_connections"),
        Case::not_ok("the server is down", scram("scramuser", "right", "down", json!({})), "failed", "busy")
            .code("08P01")
            .reason("backend_down"),
        Case::not_ok(
            "startup option",
            scram("scramuser", "right", "appdb", json!({"options": "-c search_path=sales"})),
            "failed",
            "definition",
        )
        .code("08P01")
        .reason("setting_refused")
        .and(|result| assert_eq!(result["fields"], json!(["extra.options"]), "{result:#}")),
        Case::not_ok("full", at("PGBOUNCER_FULL_PORT", "scramuser", "right", "appdb", json!({})), "failed", "busy")
            .code("08P01")
            .reason("too_many_connections")
            .argument("--retries=1")
            .and(|result| assert_eq!(result["attempts"], 2, "{result:#}")),
        Case::not_ok(
            "TLS demanded",
            at("PGBOUNCER_TLS_PORT", "scramuser", "right", "appdb", json!({"sslmode": "disable"})),
            "failed",
            "tls",
        )
        .code("08P01")
        .reason("tls_required"),
    ]);
}

#[test]
fn two_wrong_secrets_at_pgbouncer_withhold_the_rest_of_the_account() {
    let _noisy = noisy();
    for (pooler, login, said) in [
        ("PGBOUNCER", "noconnect", "SASL authentication failed"),
        ("PGBOUNCER_MD5", "md5user", "password authentication failed"),
    ] {
        let before = refused(pooler, login, said);
        let definition =
            |number: usize| at(&format!("{pooler}_PORT"), login, &format!("wrong-{number}"), "appdb", json!({}));
        let all: serde_json::Map<_, _> = (0..4).map(|number| (format!("c{number}"), definition(number))).collect();
        let report = check_all(&Value::Object(all), &["--retries=3".to_owned()]);
        let mut classes: Vec<&str> =
            report["results"].as_array().unwrap().iter().map(|result| result["class"].as_str().unwrap()).collect();
        classes.sort_unstable();
        assert_eq!(classes, ["auth", "auth", "withheld", "withheld"], "{pooler}: {report:#}");
        assert_eq!(refused(pooler, login, said) - before, 2, "logins that {pooler} saw");
    }
}

/// The number of logins as `login` that `pooler`'s log reports as refused with this text.
fn refused(pooler: &str, login: &str, said: &str) -> usize {
    let log = std::fs::read_to_string(server(&format!("{pooler}_LOG"))).unwrap();
    let said = format!("closing because: {said}");
    log.lines().filter(|line| line.contains(&format!("/{login}@")) && line.contains(&said)).count()
}

#[test]
fn refusals_of_pgpool_have_the_meaning_of_their_text() {
    let _noisy = noisy();
    let pool = |login: &str, password: &str| at("PGPOOL_PORT", login, password, "appdb", json!({"sslmode": "disable"}));
    let down = |login: &str| at("PGPOOL_DOWN_PORT", login, "right", "appdb", json!({"sslmode": "disable"}));
    run(vec![
        Case::ok("right password", pool("scramuser", "right")),
        Case::not_ok("wrong password", pool("scramuser", "wrong-one"), "failed", "auth")
            .code("XX000")
            .reason("login_refused")
            .and(|result| detail_is("Pgpool: a wrong password", result)),
        Case::not_ok("no entry in pool_passwd", pool("plainuser", "right"), "failed", "auth")
            .code("XX000")
            .reason("user_not_found")
            .and(|result| detail_is("Pgpool: no entry in pool_passwd", result)),
        Case::not_ok("no line in pool_hba.conf", pool("readonly", "right"), "failed", "denied")
            .code("XX000")
            .reason("address_denied")
            .and(|result| detail_is("Pgpool: no line in pool_hba.conf", result)),
        Case::not_ok("all servers down", down("scramuser"), "failed", "busy").code("XX000").reason("backend_down"),
    ]);
}

#[test]
fn haproxy_passes_a_login_on_and_without_a_server_it_is_named() {
    let _noisy = noisy();
    let mssql = |extra: Value| {
        let mut definition = at("HAPROXY_DEAD_PORT", "sa", "right-one", "master", extra);
        definition["conn_type"] = json!("mssql");
        definition
    };
    run(vec![
        Case::ok("a server", at("HAPROXY_POSTGRES_PORT", "scramuser", "right", "appdb", json!({}))),
        Case::not_ok(
            "no server",
            at("HAPROXY_DEAD_PORT", "scramuser", "right", "appdb", json!({})),
            "failed",
            "unreachable",
        )
        .reason("closed_before_greeting")
        .and(|result| hint_is("HAProxy without a server: postgres", result)),
        Case::not_ok("no SQL Server", mssql(json!({})), "failed", "unreachable")
            .reason("closed_before_greeting")
            .and(|result| hint_is("HAProxy without a server: mssql", result)),
        Case::not_ok("no SQL Server, strict", mssql(json!({"Encrypt": "strict"})), "failed", "unreachable")
            .reason("closed_during_tls")
            .and(|result| hint_is("HAProxy without a server: mssql, strict", result)),
    ]);
}

/// The results that the hooks of a real Airflow get from the same definitions (psycopg2, psycopg 3).
#[test]
fn libpq_decides_what_works() {
    let _noisy = noisy();
    let direct = |extra: Value| at("PG_PORT", "scramuser", "right", "appdb", extra);
    let host = |host: &str| {
        let mut definition = direct(json!({}));
        definition["host"] = json!(host);
        definition
    };
    let bad = |name, definition| Case::not_ok(name, definition, "error", "definition").reason("bad_field");
    let unverified = |result: &Value| assert_eq!(warned(result), ["file_not_used"], "{result:#}");
    run(vec![
        bad("sslmode in capitals", direct(json!({"sslmode": "REQUIRE"}))),
        bad("empty sslmode", direct(json!({"sslmode": ""}))),
        bad("keepalives true", direct(json!({"keepalives": true}))),
        bad("keepalives \"true\"", direct(json!({"keepalives": "true"}))),
        bad("a fraction of a second", direct(json!({"connect_timeout": 5.5}))),
        bad("a blank before the host", host(" 127.0.0.1")),
        bad("a line end after the host", host("127.0.0.1\n")),
        bad("a port in the host beside the port", host(&format!("127.0.0.1:{}", port("PG_PORT")))),
        Case::ok("no limit", direct(json!({"connect_timeout": -1}))),
        Case::ok("a password file beside a password", direct(json!({"passfile": "/nowhere/.pgpass"}))),
        Case::ok("no such authority, not to be verified by it", direct(json!({"sslmode": "require", "sslrootcert": "/nowhere.pem"})))
            .and(unverified),
        Case::not_ok(
            "no such authority, to be verified by it",
            direct(json!({"sslmode": "verify-ca", "sslrootcert": "/nowhere.pem"})),
            "error",
            "policy",
        ),
        Case::ok("no such client certificate, which nobody needs", direct(json!({"sslcert": "/nowhere.pem", "sslkey": "/nowhere.key"})))
            .and(unverified),
        Case::ok("TLS 1.3 at least", direct(json!({"sslmode": "require", "ssl_min_protocol_version": "TLSv1.3"})))
            .and(|result| assert_eq!(result["facts"]["tls"]["version"], "TLSv1.3")),
        Case::ok("TLS 1.2 at most", direct(json!({"sslmode": "require", "ssl_max_protocol_version": "TLSv1.2"})))
            .and(|result| assert_eq!(result["facts"]["tls"]["version"], "TLSv1.2")),
        Case::ok("version 3.2 of the protocol where there is one", direct(json!({"max_protocol_version": "3.2"}))),
        bad("a version of the protocol that never was", direct(json!({"max_protocol_version": "3.1"}))),
        Case::ok("a Kerberos service beside a password that is asked for", direct(json!({"krbsrvname": "postgres"}))),
        Case::ok(
            "an issuer of tokens beside a password that is asked for",
            direct(json!({"oauth_issuer": "https://issuer.example", "oauth_client_id": "etl"})),
        ),
        Case::ok(
            "a certificate that is asked for",
            direct(json!({"sslcertmode": "require", "sslcert": pki("client.pem"), "sslkey": pki("client.key")})),
        ),
        Case::not_ok(
            "a certificate that must be asked for, without TLS",
            direct(json!({
                "sslmode": "disable", "sslcertmode": "require", "sslcert": pki("client.pem"), "sslkey": pki("client.key"),
            })),
            "failed",
            "tls",
        )
        .reason("client_certificate_unasked"),
    ]);
}
