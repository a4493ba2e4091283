//! What two answers come to.

use serde_json::json;

use super::{Peer, has_credential};
use crate::driver::Answer::{self, Accepted, Ignored, Refused};

const ASKS: &str = "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"";

#[test]
fn two_answers_come_to_a_verdict_and_to_what_the_account_sees() {
    let rows: &[(&str, &str, &str, Option<Answer>, bool)] = &[
        // Asked for, and taken.
        (ASKS, "200 OK", "ok", Some(Accepted), true),
        (ASKS, "204 No Content", "ok", Some(Accepted), true),
        (ASKS, "302 Found\r\nLocation: /home", "ok", Some(Accepted), true),
        (ASKS, "404 Not Found", "ok", Some(Accepted), true),
        (ASKS, "405 Method Not Allowed", "ok", Some(Accepted), true),
        (ASKS, "403 Forbidden", "denied privilege_missing", Some(Accepted), true),
        ("403 Forbidden", "200 OK", "ok", Some(Accepted), true),
        ("404 Not Found", "200 OK", "ok", Some(Accepted), true),
        ("302 Found\r\nLocation: /login", "200 OK", "ok", Some(Accepted), true),
        (ASKS, "302 Found\r\nLocation: http://b.example/", "definition redirected", Some(Accepted), true),
        // Refused.
        (ASKS, ASKS, "auth login_refused", Some(Refused), true),
        ("404 Not Found", ASKS, "auth login_refused", Some(Refused), true),
        ("403 Forbidden", ASKS, "auth login_refused", Some(Refused), true),
        // No proof: refused, for all that is known.
        ("403 Forbidden", "403 Forbidden", "denied request_refused", None, true),
        (ASKS, "400 Bad Request", "auth login_refused", None, true),
        (ASKS, "418 I'm a teapot", "auth login_refused", None, true),
        ("404 Not Found", "400 Bad Request", "auth login_refused", None, true),
        ("404 Not Found", "403 Forbidden", "auth login_refused", None, true),
        // Trouble of another kind.
        (ASKS, "500 Internal Server Error", "server server_error", None, true),
        (ASKS, "520 Unknown", "server server_error", None, true),
        (ASKS, "503 Service Unavailable", "busy unavailable", None, true),
        (ASKS, "429 Too Many Requests", "busy slow_down", None, true),
        // Nobody asks.
        ("200 OK", "200 OK", "ok", None, false),
        ("404 Not Found", "404 Not Found", "ok", Some(Ignored), true),
        ("405 Method Not Allowed", "405 Method Not Allowed", "ok", Some(Ignored), true),
        ("400 Bad Request", "400 Bad Request", "ok", Some(Ignored), true),
        ("302 Found\r\nLocation: /login", "302 Found\r\nLocation: /login", "ok", Some(Ignored), true),
        // Nothing is sent.
        ("101 Switching Protocols\r\nUpgrade: h2c", "200 OK", "protocol not_understood", None, false),
        ("302 Found\r\nLocation: http://b.example/", "200 OK", "definition redirected", None, false),
        ("301 Moved\r\nLocation: https://127.0.0.1/", "200 OK", "definition redirected", None, false),
        ("407 Proxy\r\nProxy-Authenticate: Basic", "200 OK", "unsupported method_unsupported", None, false),
        ("408 Request Timeout", "200 OK", "busy unavailable", None, false),
        ("421 Misdirected", "200 OK", "protocol other_protocol", None, false),
        ("425 Too Early", "200 OK", "busy unavailable", None, false),
        ("429 Too Many Requests", "200 OK", "busy slow_down", None, false),
        ("500 Internal Server Error", "200 OK", "server server_error", None, false),
        ("502 Bad Gateway", "200 OK", "busy backend_down", None, false),
        ("503 Service Unavailable", "200 OK", "busy unavailable", None, false),
        ("504 Gateway Timeout", "200 OK", "busy backend_down", None, false),
        ("401 Unauthorized\r\nWWW-Authenticate: Negotiate", "200 OK", "unsupported method_unsupported", None, false),
        (
            "401 Unauthorized\r\nWWW-Authenticate: NTLM\r\nWWW-Authenticate: Digest realm=\"Basic\"",
            "200 OK",
            "unsupported method_unsupported",
            None,
            false,
        ),
    ];
    for (first, second, expected, answer, sent) in rows {
        let peer = Peer::of(first, second);
        let checked = peer.check(&json!({"login": "etl", "password": "hunter2"}));
        assert_eq!(
            (checked.short().as_str(), checked.answer, checked.sent),
            (*expected, *answer, *sent),
            "{first} {second}"
        );
        let unproved = checked.verdict.is_ok() && checked.answer != Some(Accepted);
        assert_eq!(checked.warnings.contains(&"login_not_demanded"), unproved, "{first} {second}");
        let told: Vec<bool> = peer.requests().iter().map(|request| has_credential(request)).collect();
        assert_eq!(told, if *sent { vec![false, true] } else { vec![false] }, "{first} {second}");
    }
}

#[test]
fn who_has_nothing_to_log_in_with_asks_once() {
    for (status, expected) in [
        ("200 OK", "ok"),
        ("302 Found\r\nLocation: /home", "ok"),
        ("404 Not Found", "ok"),
        ("400 Bad Request", "ok"),
        (ASKS, "auth password_missing"),
        ("403 Forbidden", "denied request_refused"),
        ("407 Proxy", "unsupported method_unsupported"),
        ("502 Bad Gateway", "busy backend_down"),
        ("301 Moved\r\nLocation: https://127.0.0.1:8443/", "definition redirected"),
    ] {
        let peer = Peer::of(status, "200 OK");
        let checked = peer.check(&json!({"extra": {"Accept": "application/json"}}));
        assert_eq!(checked.short(), expected, "{status}");
        assert_eq!((peer.requests().len(), checked.sent), (1, false), "{status}");
        assert_eq!(checked.warnings.contains(&"login_not_demanded"), expected == "ok", "{status}");
    }
}

#[test]
fn nothing_at_a_path_that_is_named_is_a_failure_and_nothing_at_the_root_is_none() {
    for (first, second, expected) in [
        (ASKS, "404 Not Found", "not_found path_not_found"),
        ("404 Not Found", "404 Not Found", "not_found path_not_found"),
        (ASKS, "200 OK", "ok"),
    ] {
        let peer = Peer::of(first, second);
        let host = format!("http://127.0.0.1:{}/v1/items", peer.port);
        let checked = super::check(&json!({"host": host, "login": "etl", "password": "hunter2"}));
        assert_eq!(checked.short(), expected, "{first}");
        assert!(peer.requests().iter().all(|request| request.starts_with("GET /v1/items HTTP/1.1\r\n")));
    }
}

#[test]
fn a_request_says_what_the_definition_says_and_nothing_ambient() {
    let peer = Peer::of(ASKS, "200 OK\r\nServer: nginx/1.22.1");
    let extra = json!({"Accept": "application/json", "User-Agent": "etl/1", "X-Api-Key": "a key", "X-Empty": "",
        "Accept-Encoding": "gzip", "Connection": "close", "timeout": 5, "stream": true, "X-None": null});
    let checked = peer.check(&json!({"login": "Aladdin", "password": "open sesame", "extra": extra}));
    assert_eq!(checked.short(), "ok");
    assert_eq!(checked.warnings, ["ignored_field", "ignored_field"]);
    let facts = &checked.trace.facts;
    assert_eq!((facts.server.as_deref(), facts.version.as_deref()), (Some("nginx"), Some("1.22.1")));
    assert_eq!((facts.auth_method.as_deref(), facts.server_proved), (Some("Basic"), Some(false)));
    let host = format!("host: 127.0.0.1:{}", peer.port);
    let lines = |request: &str| {
        let mut lines: Vec<String> =
            request.lines().skip(1).filter(|line| !line.is_empty()).map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    };
    let requests = peer.requests();
    let common = ["accept-encoding: identity", "accept: application/json"];
    assert_eq!(lines(&requests[0]), [common[0], common[1], &host, "user-agent: etl/1"]);
    let basic = "authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";
    assert_eq!(lines(&requests[1]), [common[0], common[1], basic, &host, "user-agent: etl/1", "x-api-key: a key"]);
}

#[test]
fn a_key_in_a_header_is_a_credential_and_an_account_of_its_own() {
    for (extra, method) in [
        (json!({"Authorization": "Bearer abc"}), "Bearer"),
        (json!({"authorization": "token abc"}), "Token"),
        (json!({"Authorization": "abc"}), "Authorization"),
        (json!({"X-Api-Key": "abc"}), "header"),
    ] {
        // A dialogue that is offered says nothing of keys.
        let peer = Peer::of("401 Unauthorized\r\nWWW-Authenticate: Negotiate", "200 OK");
        let checked = peer.check(&json!({"extra": extra}));
        assert_eq!((checked.short().as_str(), checked.answer), ("ok", Some(Accepted)), "{extra}");
        assert_eq!(checked.trace.facts.auth_method.as_deref(), Some(method), "{extra}");
        let refused = Peer::of("403 Forbidden", ASKS).check(&json!({"extra": extra}));
        assert_eq!(refused.answer, Some(Refused), "{extra}");
        let plan = super::plan(&json!({"host": "a.example", "extra": extra})).unwrap();
        assert!(plan.credential.is_some() && plan.login.is_none() && !plan.account.contains("abc"), "{}", plan.account);
    }
}

/// nginx, Go, Apache and Tomcat; a server of TLS that answers with an alert; and the reverse.
#[test]
fn tls_and_clear_text_that_miss_each_other_are_told() {
    let body = "<center>The plain HTTP request was sent to HTTPS port</center>";
    let complaint = format!("HTTP/1.1 400 Bad Request\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let peer = Peer::new(move |_| complaint.clone().into_bytes());
    let checked = peer.check(&json!({"login": "etl", "password": "hunter2"}));
    assert_eq!((checked.short().as_str(), checked.sent), ("protocol tls_expected", false));
    let alert = Peer::new(|_| b"\x15\x03\x01\x00\x02\x02\x46".to_vec());
    assert_eq!(alert.check(&json!({})).verdict.unwrap_err().class.as_str(), "protocol");
    let plain = Peer::blunt(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    let checked = plain.check(&json!({"schema": "https"}));
    assert_eq!(checked.short(), "protocol tls_not_spoken");
}
