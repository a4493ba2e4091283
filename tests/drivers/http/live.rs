//! Results of HTTP logins: nginx, in clear and over TLS, with HTTP Basic, and with a key in a header.

use serde_json::{Value, json};

use crate::cases::{Case, check, pki, port, run};

/// A definition for `path` of the server in clear, merged with `more`.
fn at(path: &str, more: Value) -> Value {
    merged(json!({"conn_type": "http", "host": format!("http://127.0.0.1:{}{path}", port("WEB_PORT"))}), more)
}

/// The same, with a user's login and password.
fn as_user(path: &str, more: Value) -> Value {
    merged(at(path, json!({"login": "probe", "password": "right"})), more)
}

/// A definition for the server at the port `key` over TLS, with a user and the tests' authority.
fn over_tls(key: &str, more: Value) -> Value {
    let definition = json!({"conn_type": "http", "host": "127.0.0.1", "schema": "https", "port": port(key),
        "login": "probe", "password": "right", "extra": {"verify": pki("ca.pem")}});
    merged(definition, more)
}

fn merged(mut definition: Value, more: Value) -> Value {
    let Value::Object(more) = more else { panic!("an object") };
    definition.as_object_mut().unwrap().extend(more);
    definition
}

fn undemanded(result: &Value) {
    let warned =
        result["warnings"].as_array().is_some_and(|all| all.iter().any(|one| one["code"] == "login_not_demanded"));
    assert!(warned, "{result:#}");
}

fn proved(result: &Value) {
    assert_eq!(result["warnings"].as_array().map_or(0, Vec::len), 0, "{result:#}");
}

#[test]
fn a_login_of_http_basic_is_told_by_what_it_is() {
    run(vec![
        Case::ok("the right password", as_user("/", json!({}))).and(proved).and(|result| {
            assert_eq!(result["facts"]["server"], "nginx", "{result:#}");
            assert_eq!(result["facts"]["auth_method"], "Basic", "{result:#}");
        }),
        Case::ok("a password that is kept as it is", as_user("/", json!({"login": "plain"}))).and(proved),
        Case::not_ok("a wrong password", as_user("/", json!({"password": "wrong-one"})), "failed", "auth")
            .phase("auth")
            .code("401")
            .reason("login_refused"),
        Case::not_ok("an unknown user", as_user("/", json!({"login": "nobody"})), "failed", "auth").code("401"),
        Case::not_ok("no login", at("/", json!({})), "failed", "auth").code("401").reason("password_missing"),
    ]);
}

#[test]
fn paths_are_told_by_their_status() {
    run(vec![
        Case::not_ok("nothing at the path, behind the login", as_user("/empty", json!({})), "failed", "not_found")
            .code("404"),
        Case::not_ok("nothing at the path, for anybody", as_user("/nothing", json!({})), "failed", "not_found"),
        Case::not_ok("denied to everybody", as_user("/denied", json!({})), "failed", "denied")
            .reason("request_refused"),
        Case::not_ok("denied to nobody in particular", at("/denied", json!({})), "failed", "denied"),
        Case::not_ok("denied behind the login", as_user("/guarded", json!({})), "failed", "denied")
            .code("403")
            .reason("request_refused"),
        Case::not_ok(
            "denied, with a wrong password",
            as_user("/guarded", json!({"password": "wrong-one"})),
            "failed",
            "auth",
        ),
        Case::ok("open to everybody", as_user("/open", json!({}))).and(undemanded),
        Case::ok("open to everybody, with any password", as_user("/open", json!({"password": "wrong-one"})))
            .and(undemanded),
        Case::ok("open, and nothing to log in with", at("/open", json!({}))).and(undemanded),
        Case::ok("a redirect within the server", as_user("/within", json!({}))).and(undemanded),
        Case::not_ok("a redirect to another host", as_user("/elsewhere", json!({})), "failed", "definition")
            .reason("redirected"),
        Case::not_ok("a redirect to HTTPS", as_user("/secure", json!({})), "failed", "definition").reason("redirected"),
        Case::not_ok("busy", as_user("/busy", json!({})), "failed", "busy").code("503"),
        Case::not_ok("too many requests", as_user("/slow", json!({})), "failed", "busy").code("429"),
        Case::not_ok("no file of users", as_user("/unknowable", json!({})), "failed", "denied").code("403"),
        Case::not_ok("a proxy's login", as_user("/proxy", json!({})), "skipped", "unsupported").code("407"),
        Case::not_ok("another method", as_user("/negotiate", json!({})), "skipped", "unsupported")
            .reason("method_unsupported"),
    ]);
}

#[test]
fn a_key_in_a_header_is_a_login() {
    let with = |path, extra| at(path, json!({"extra": extra}));
    run(vec![
        Case::ok("the right key", with("/key", json!({"X-Api-Key": "the-right-key"}))).and(proved),
        Case::ok("the right token", with("/key", json!({"Authorization": "Bearer the-right-token"}))).and(proved),
        Case::ok("a key that is demanded by 403", with("/bucket", json!({"x-api-key": "the-right-key"}))).and(proved),
        Case::not_ok("a wrong key", with("/key", json!({"X-Api-Key": "another-key"})), "failed", "auth")
            .code("401")
            .and(|result| assert!(!result.to_string().contains("another-key"), "{result:#}")),
        Case::not_ok(
            "a wrong key, answered with 403",
            with("/bucket", json!({"X-Api-Key": "other"})),
            "failed",
            "denied",
        ),
        Case::not_ok("a header that everybody sends", with("/key", json!({"Accept": "text/html"})), "failed", "auth")
            .reason("password_missing"),
        Case::not_ok(
            "a line end in a key",
            with("/key", json!({"X-Api-Key": "the-right-key\n"})),
            "error",
            "definition",
        ),
    ]);
}

#[test]
fn tls_is_that_of_the_definition() {
    let client = || json!({"verify": pki("ca.pem"), "cert": pki("client-key.pem")});
    run(vec![
        Case::ok("verified", over_tls("WEB_TLS_PORT", json!({}))).and(proved).and(|result| {
            assert_eq!(result["facts"]["tls"]["verified"], true, "{result:#}");
            assert_eq!(result["facts"]["server_proved"], true, "{result:#}");
        }),
        Case::ok("not verified", over_tls("WEB_TLS_PORT", json!({"extra": {"verify": false}})))
            .and(|result| assert_eq!(result["facts"]["tls"]["verified"], false, "{result:#}")),
        Case::not_ok("an authority that nobody knows", over_tls("WEB_TLS_PORT", json!({"extra": {}})), "failed", "tls")
            .phase("tls")
            .reason("unknown_issuer"),
        Case::not_ok(
            "another authority",
            over_tls("WEB_TLS_PORT", json!({"extra": {"verify": pki("otherca.pem")}})),
            "failed",
            "tls",
        ),
        Case::not_ok("expired", over_tls("WEB_EXPIRED_PORT", json!({})), "failed", "tls").reason("certificate_expired"),
        Case::not_ok("HTTPS where plain HTTP is spoken", over_tls("WEB_PORT", json!({})), "failed", "protocol")
            .reason("tls_not_spoken"),
        Case::not_ok(
            "plain HTTP where HTTPS is spoken",
            over_tls("WEB_TLS_PORT", json!({"schema": "http"})),
            "failed",
            "tls",
        )
        .reason("tls_expected"),
        Case::ok("a client's certificate", over_tls("WEB_CERTIFICATE_PORT", json!({"extra": client()}))).and(proved),
        Case::ok(
            "a client's certificate in two files",
            over_tls(
                "WEB_CERTIFICATE_PORT",
                json!({"extra": {"verify": pki("ca.pem"), "cert": [pki("client.pem"), pki("client.key")]}}),
            ),
        ),
        // The handshake succeeds without a client certificate; nginx reports in HTTP that it demands one.
        Case::not_ok("no client's certificate", over_tls("WEB_CERTIFICATE_PORT", json!({})), "failed", "tls")
            .reason("client_certificate_required"),
        Case::not_ok(
            "another authority's client",
            over_tls(
                "WEB_CERTIFICATE_PORT",
                json!({"extra": {"verify": pki("ca.pem"), "cert": [pki("otherca-client.pem"), pki("otherca-client.key")]}}),
            ),
            "failed",
            "tls",
        )
        .reason("client_certificate_refused"),
        Case::not_ok(
            "a key in the place of the authorities",
            over_tls("WEB_TLS_PORT", json!({"extra": {"verify": pki("server.key")}})),
            "error",
            "definition",
        )
        .phase("tls")
        .reason("bad_certificate"),
    ]);
}

/// The rules of the ledger, depending on the server's answer.
#[test]
fn a_refused_password_is_remembered_and_a_request_without_one_is_none() {
    let state = tempfile::tempdir().unwrap();
    let checked = |definition: &Value| {
        let state = format!("--state={}", state.path().join("accounts").display());
        check(definition, &[state])
    };
    let wrong = as_user("/", json!({"password": "wrong-one"}));
    for (definition, status, attempts) in [
        (&wrong, "failed", 1),
        (&wrong, "failed", 0),
        // The server does not ask for the password there.
        (&as_user("/open", json!({"password": "wrong-two"})), "ok", 1),
        (&as_user("/", json!({})), "ok", 1),
        (&as_user("/", json!({"password": "wrong-three"})), "failed", 1),
    ] {
        let result = checked(definition);
        assert_eq!(
            (result["status"].as_str(), result["attempts"].as_u64()),
            (Some(status), Some(attempts)),
            "{result:#}"
        );
    }
}
