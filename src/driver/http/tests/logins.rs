//! The outcomes of two answers.

use serde_json::{Value, json};

use super::{Peer, has_credential, is_made_up};
use crate::driver::Answer::{self, Accepted, NoDifference, Refused};
use crate::model::class::{Class, Status};
use crate::model::codes::CheckedCredential;
use crate::model::phase::Phase;
use crate::model::reason::{Field, ReasonCode};

const ASKS: &str = "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"";
const LOGIN: &str = "302 Found\r\nLocation: /login?next=%2F";

#[test]
fn two_answers_come_to_a_verdict_and_to_what_the_account_sees() {
    let rows: &[(&str, &str, &str, Option<Answer>, bool)] = &[
        // Required, and accepted.
        (ASKS, "200 OK", "ok", Some(Accepted), true),
        (ASKS, "204 No Content", "ok", Some(Accepted), true),
        (ASKS, "404 Not Found", "ok", Some(Accepted), true),
        (ASKS, "405 Method Not Allowed", "ok", Some(Accepted), true),
        ("403 Forbidden", "200 OK", "ok", Some(Accepted), true),
        ("404 Not Found", "200 OK", "ok", Some(Accepted), true),
        (LOGIN, "200 OK", "ok", Some(Accepted), true),
        // Refused.
        (ASKS, ASKS, "auth login_refused", Some(Refused), true),
        ("404 Not Found", ASKS, "auth login_refused", Some(Refused), true),
        ("403 Forbidden", ASKS, "auth login_refused", Some(Refused), true),
        // Accepted, since a credential that does not exist is refused, and the request is not taken.
        (ASKS, "403 Forbidden", "denied request_refused", Some(Accepted), true),
        ("404 Not Found", "403 Forbidden", "denied request_refused", Some(Accepted), true),
        (ASKS, "400 Bad Request", "server request_refused", Some(Accepted), true),
        (ASKS, "418 I'm a teapot", "server request_refused", Some(Accepted), true),
        ("404 Not Found", "400 Bad Request", "server request_refused", Some(Accepted), true),
        (ASKS, "203 Non-Authoritative Information", "ok", Some(Accepted), true),
        // A page redirects every client.
        (ASKS, "302 Found\r\nLocation: /home", "definition redirected", None, true),
        (ASKS, "302 Found\r\nLocation: http://b.example/", "definition redirected", None, true),
        (ASKS, "301 Moved\r\nLocation: https://127.0.0.1/", "definition redirected", None, true),
        (ASKS, "302 Found", "definition redirected", None, true),
        (
            "302 Found\r\nLocation: /ui/",
            "302 Found\r\nLocation: http://b.example/",
            "definition redirected",
            None,
            true,
        ),
        ("302 Found\r\nLocation: /ui/", LOGIN, "protocol other_protocol", None, true),
        (ASKS, "302 Found\r\nLocation: /login", "protocol other_protocol", None, true),
        (ASKS, "303 See Other\r\nLocation: /users/sign_in?error", "protocol other_protocol", None, true),
        (ASKS, "407 Proxy\r\nProxy-Authenticate: Basic", "unsupported method_unsupported", None, true),
        // Errors of another kind.
        (ASKS, "500 Internal Server Error", "server server_error", None, true),
        (ASKS, "520 Unknown", "server server_error", None, true),
        (ASKS, "503 Service Unavailable", "busy unavailable", None, true),
        (ASKS, "429 Too Many Requests", "busy slow_down", None, true),
        // No login is required.
        ("200 OK", "200 OK", "ok", None, false),
        ("404 Not Found", "404 Not Found", "ok", Some(NoDifference), true),
        ("405 Method Not Allowed", "405 Method Not Allowed", "ok", Some(NoDifference), true),
        ("302 Found\r\nLocation: /ui/", "302 Found\r\nLocation: /ui/", "ok", Some(NoDifference), true),
        // No login is required, and every request is refused.
        ("403 Forbidden", "403 Forbidden", "denied request_refused", Some(NoDifference), true),
        ("400 Bad Request", "400 Bad Request", "server request_refused", Some(NoDifference), true),
        (LOGIN, LOGIN, "protocol other_protocol", Some(NoDifference), true),
        (LOGIN, "302 Found\r\nLocation: /login?next=%2F&8f3a9c", "protocol other_protocol", Some(NoDifference), true),
        (LOGIN, "303 Found\r\nLocation: /login?error=1", "protocol other_protocol", None, true),
        // No credential is sent.
        ("101 Switching Protocols\r\nUpgrade: h2c", "200 OK", "protocol not_understood", None, false),
        ("302 Found\r\nLocation: http://b.example/", "200 OK", "definition redirected", None, false),
        ("302 Found\r\nLocation: /\\b.example/", "200 OK", "definition redirected", None, false),
        ("302 Found", "200 OK", "definition redirected", None, false),
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
        let requests = peer.requests();
        let told: Vec<bool> = requests.iter().take(2).map(|request| has_credential(request)).collect();
        assert_eq!(told, if *sent { vec![false, true] } else { vec![false] }, "{first} {second}");
        assert!(requests.iter().skip(2).all(|request| is_made_up(request)) && requests.len() <= 3, "{requests:?}");
    }
}

/// A server that answers a credential that does not exist in the same way proves nothing.
#[test]
fn only_a_server_that_tells_credentials_apart_has_accepted_one() {
    for (second, made_up, expected, answer) in [
        ("404 Not Found", "401 Unauthorized", "ok", Some(Accepted)),
        ("404 Not Found", "403 Forbidden", "ok", Some(Accepted)),
        ("404 Not Found", "404 Not Found", "server request_refused", Some(NoDifference)),
        ("404 Not Found", "400 Bad Request", "server request_refused", Some(NoDifference)),
        ("404 Not Found", "503 Service Unavailable", "server request_refused", Some(NoDifference)),
        ("404 Not Found", "200 OK", "server request_refused", Some(NoDifference)),
        ("405 x\r\nx-amzn-waf-action: captcha", "405 x", "server request_refused", Some(NoDifference)),
        ("202 x\r\nx-amzn-waf-action: challenge", "202 x", "server request_refused", Some(NoDifference)),
        ("203 x", "203 x", "server request_refused", Some(NoDifference)),
        ("403 Forbidden", "401 Unauthorized", "denied request_refused", Some(Accepted)),
        ("403 Forbidden", "403 Forbidden", "denied request_refused", Some(NoDifference)),
        ("400 Bad Request", "400 Bad Request", "server request_refused", Some(NoDifference)),
    ] {
        let peer = Peer::that_tells_apart(ASKS, second, made_up);
        let checked = peer.check(&json!({"login": "etl", "password": "hunter2"}));
        assert_eq!((checked.short().as_str(), checked.answer), (expected, answer), "{second} {made_up}");
        let requests = peer.requests();
        assert_eq!(requests.len(), 3, "{second} {made_up}");
        assert!(is_made_up(&requests[2]) && !requests[2].contains("hunter2"), "{}", requests[2]);
    }
}

/// The ledger counts an answer as a refusal unless it is known to say nothing about the credential.
#[test]
fn what_is_neither_an_acceptance_nor_a_refusal_counts_as_no_answer() {
    for second in [
        "302 Found\r\nLocation: /home",
        "302 Found\r\nLocation: http://b.example/",
        "301 Moved\r\nLocation: https://127.0.0.1/",
        "302 Found",
        "407 Proxy",
        "503 Service Unavailable",
    ] {
        let failure =
            Peer::of(ASKS, second).check(&json!({"login": "etl", "password": "hunter2"})).verdict.unwrap_err();
        assert_eq!((failure.checked, failure.status != Status::Error), (CheckedCredential::Instead, true), "{second}");
    }
    let failure = Peer::of(ASKS, LOGIN).check(&json!({"login": "etl", "password": "hunter2"})).verdict.unwrap_err();
    assert_eq!((failure.class, failure.code), (Class::Protocol, None));
}

#[test]
fn a_page_to_log_in_at_is_no_login() {
    let page = |line: &str, body: &str| {
        format!(
            "HTTP/1.1 {line}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let form = "<form action=\"/x\"><INPUT name=p Type = 'password'></form>";
    for (first, second, expected, answer) in [
        (page("401 x", ""), page("200 OK", form), "protocol other_protocol", None),
        (page("200 OK", form), page("200 OK", form), "protocol other_protocol", None),
        (page("401 x", ""), page("200 OK", "<p>the password</p>"), "ok", Some(Accepted)),
        (page("401 x", ""), page("200 OK", form).replace("text/html", "application/json"), "ok", Some(Accepted)),
    ] {
        let peer = Peer::new({
            let (first, second) = (first.clone(), second.clone());
            move |request| if has_credential(request) { second.clone() } else { first.clone() }.into_bytes()
        });
        let checked = peer.check(&json!({"login": "etl", "password": "hunter2"}));
        assert_eq!((checked.short().as_str(), checked.answer), (expected, answer), "{first} {second}");
    }
}

/// nginx (`src/http/ngx_http_special_response.c`, statuses 495 and 496, which it sends as 400), and Apache with TLS 1.3
/// (`modules/ssl/ssl_engine_kernel.c`).
#[test]
fn a_server_that_wants_a_client_s_certificate_says_so_in_http() {
    for (line, body, expected) in [
        ("400 Bad Request", "<title>400 No required SSL certificate was sent</title>", "client_certificate_required"),
        ("400 Bad Request", "<title>400 The SSL certificate error</title>", "client_certificate_refused"),
        ("496 x", "", "client_certificate_required"),
        ("495 x", "", "client_certificate_refused"),
        ("403 Forbidden", "Reason: Cannot perform Post-Handshake Authentication.<br />", "client_certificate_required"),
    ] {
        let said = format!("HTTP/1.1 {line}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let peer = Peer::new(move |_| said.clone().into_bytes());
        for definition in [json!({"login": "etl", "password": "hunter2"}), json!({})] {
            let checked = peer.check(&definition);
            assert_eq!(checked.short(), format!("tls {expected}"), "{line} {body}");
            assert!(
                !checked.sent && checked.verdict.unwrap_err().fields.iter().any(|one| one.as_str() == "extra.cert")
            );
        }
    }
}

#[test]
fn a_file_that_is_another_than_meant_is_named() {
    const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
    for (extra, field) in [(json!({"verify": KEY}), "extra.verify"), (json!({"cert": KEY}), "extra.cert")] {
        let checked = Peer::of("200 OK", "200 OK").check(&json!({"schema": "https", "extra": extra}));
        let failure = checked.verdict.unwrap_err();
        let fields: Vec<&str> = failure.fields.iter().map(Field::as_str).collect();
        assert_eq!((failure.reason, failure.phase), (ReasonCode::BadCertificate, Some(Phase::Tls)), "{field}");
        assert_eq!(fields, [field]);
    }
}

#[test]
fn a_refusal_points_at_where_the_credential_stands() {
    for (definition, fields) in [
        (json!({"login": "etl", "password": "hunter2"}), &["login", "password"][..]),
        (json!({"extra": {"Authorization": "Bearer abc"}}), &["extra.Authorization"]),
        (json!({"extra": {"authorization": "Basic YTpi", "X-Tenant": "x"}}), &["extra.authorization"]),
        (json!({"extra": {"X-Api-Key": "abc", "X-Api-Version": "2"}}), &["extra.X-Api-Key"]),
        (json!({}), &["password", "login", "extra.Authorization"]),
    ] {
        let failure = Peer::of(ASKS, ASKS).check(&definition).verdict.unwrap_err();
        let found: Vec<&str> = failure.fields.iter().map(Field::as_str).collect();
        assert_eq!(found, fields, "{definition}");
    }
}

/// Where a credential that does not exist gets the same status, the words decide.
#[test]
fn a_refusal_is_read_whatever_its_status() {
    let zoom = "{\"code\":4711,\"message\":\"Invalid access token, does not contain scopes:[meeting:read]\"}";
    let pod = "{\"status\":\"Failure\",\"message\":\"User \\\"system:serviceaccount:data:etl\\\" cannot get path\"}";
    for (first, second, made_up, expected) in [
        (("422 x", "api key missing"), ("422 x", "invalid credentials"), ("422 x", ""), "auth login_refused"),
        (("404 x", "no user"), ("404 x", "invalid password"), ("404 x", ""), "auth login_refused"),
        (("405 x", "no user"), ("405 x", "nothing of the kind"), ("405 x", ""), "ok"),
        (("404 x", "nothing here"), ("404 x", "nothing here"), ("404 x", ""), "ok"),
        (("401 x", ""), ("404 x", "{\"error\":\"invalid_credentials\"}"), ("404 x", ""), "auth login_refused"),
        (("401 x", ""), ("404 x", "{\"message\":\"User not found\"}"), ("404 x", ""), "auth login_refused"),
        (("401 x", ""), ("404 x", "Account locked"), ("404 x", ""), "auth login_refused"),
        (("401 x", ""), ("404 x", "no such page"), ("404 x", ""), "server request_refused"),
        (("401 x", ""), ("404 x", "no such page"), ("401 x", ""), "ok"),
        (("401 x", ""), ("403 x", "Invalid username or password"), ("401 x", ""), "auth login_refused"),
        (("401 x", ""), ("400 x", "{\"error\":\"invalid password\"}"), ("401 x", ""), "auth login_refused"),
        (("401 x", ""), ("423 x", "account locked"), ("401 x", ""), "auth login_refused"),
        // Jira: its page is not read.
        (
            ("401 x", ""),
            ("403 x\r\nX-Authentication-Denied-Reason: CAPTCHA_CHALLENGE", ""),
            ("401 x", ""),
            "auth login_refused",
        ),
        (("401 x", ""), ("403 x", "the token lacks a scope"), ("401 x", ""), "denied request_refused"),
        // Zoom, Kubernetes, Microsoft Graph: the credential was accepted, and may not do that.
        (("401 x", ""), ("400 x", zoom), ("401 x", ""), "server request_refused"),
        (("401 x", ""), ("403 x", pod), ("401 x", ""), "denied request_refused"),
        (
            ("401 x", ""),
            ("400 x", "/me request is only valid with delegated authentication flow."),
            ("401 x", ""),
            "server request_refused",
        ),
    ] {
        let said = |(status, body): (&str, &str)| {
            format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
        };
        let peer = Peer::new(move |request| {
            said(match (has_credential(request), is_made_up(request)) {
                (_, true) => made_up,
                (true, false) => second,
                (false, false) => first,
            })
        });
        let checked = peer.check(&json!({"login": "etl", "password": "hunter2"}));
        assert_eq!(checked.short(), expected, "{first:?} {second:?} {made_up:?}");
    }
}

#[test]
fn a_server_that_does_not_offer_basic_is_said_to_want_a_token() {
    for (demand, expected) in [
        (ASKS, false),
        ("401 Unauthorized", false),
        ("401 Unauthorized\r\nWWW-Authenticate: Bearer realm=\"x\"", true),
        ("401 Unauthorized\r\nWWW-Authenticate: Bearer, Basic realm=\"x\"", false),
        ("401 Unauthorized\r\nWWW-Authenticate: ApiKey\r\nWWW-Authenticate: Bearer realm=\"Basic\"", true),
    ] {
        let fields = |definition: Value| {
            let failure = Peer::of(demand, demand).check(&definition).verdict.unwrap_err();
            failure.fields.iter().map(|field| field.as_str().to_owned()).collect::<Vec<String>>()
        };
        let pointed_at: &[&str] =
            if expected { &["login", "password", "extra.Authorization"] } else { &["login", "password"] };
        assert_eq!(fields(json!({"login": "etl", "password": "hunter2"})), pointed_at, "{demand}");
        // A token in a header was sent with another method than Basic.
        assert_eq!(fields(json!({"extra": {"Authorization": "Bearer abc"}})), ["extra.Authorization"], "{demand}");
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
        // An offered multi-step method does not matter to a login with a key.
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

/// nginx, Go, Apache and Tomcat; a TLS server that answers with an alert; and the reverse.
#[test]
fn tls_and_clear_text_that_miss_each_other_are_told() {
    let body = "<center>The plain HTTP request was sent to HTTPS port</center>";
    let complaint = format!("HTTP/1.1 400 Bad Request\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let peer = Peer::new(move |_| complaint.clone().into_bytes());
    let checked = peer.check(&json!({"login": "etl", "password": "hunter2"}));
    assert_eq!((checked.short().as_str(), checked.sent), ("tls tls_expected", false));
    let alert = Peer::new(|_| b"\x15\x03\x01\x00\x02\x02\x46".to_vec());
    assert_eq!(alert.check(&json!({})).short(), "tls tls_expected");
    let plain = Peer::blunt(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    let checked = plain.check(&json!({"schema": "https"}));
    assert_eq!(checked.short(), "protocol tls_not_spoken");
}

/// An answer with a body.
fn with_body(head: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {head}\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

#[test]
fn only_answers_that_say_the_same_say_nothing_of_the_credential() {
    const FORBIDDEN: &str = "403 Forbidden";
    for (first, second, reason, answer) in [
        // Numbers and identifiers differ from request to request.
        ("denied, request 17 (a1b2c3)", "denied, request 18 (a1b2c4)", "denied request_refused", Some(NoDifference)),
        // As Django REST framework has it.
        ("credentials were not provided", "invalid password", "denied request_refused", None),
    ] {
        let (one, other) = (with_body(FORBIDDEN, first), with_body(FORBIDDEN, second));
        let peer = Peer::new(move |request| if has_credential(request) { other.clone() } else { one.clone() });
        let result = peer.check(&json!({"login": "etl", "password": "canary"}));
        assert_eq!((result.short().as_str(), result.answer), (reason, answer), "{second}");
        assert_eq!(result.verdict.unwrap_err().checked, CheckedCredential::Instead, "{second}");
    }
}

#[test]
fn a_refusal_that_speaks_of_the_credential_is_one() {
    for (body, expected, answer) in [
        ("missing parameter q", "server request_refused", NoDifference),
        ("API key not valid", "auth login_refused", Refused),
    ] {
        let other = format!("HTTP/1.1 400 x\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes();
        let one = super::answer(ASKS);
        let peer = Peer::new(move |request| if has_credential(request) { other.clone() } else { one.clone() });
        let result = peer.check(&json!({"login": "etl", "password": "canary"}));
        assert_eq!((result.short().as_str(), result.answer), (expected, Some(answer)), "{body}");
    }
}

#[test]
fn an_applications_own_form_behind_basic_is_no_refusal() {
    const FORM: &str = "<form method=post><input type=password></form>";
    for (first, expected) in [(ASKS, "ok"), ("401 Unauthorized", "protocol other_protocol")] {
        let (one, other) = (super::answer(first), with_body("200 OK", FORM));
        let peer = Peer::new(move |request| if has_credential(request) { other.clone() } else { one.clone() });
        assert_eq!(peer.check(&json!({"login": "etl", "password": "canary"})).short(), expected, "{first}");
    }
}

/// As Loki without a gateway: it wants to know the tenant, and looks at no login.
#[test]
fn a_header_that_identifies_nobody_goes_with_both_requests() {
    let peer = Peer::new(|request| {
        let tenant = request.to_lowercase().contains("\r\nx-scope-orgid:");
        super::answer(if tenant { "200 OK" } else { "401 Unauthorized" })
    });
    let extra = json!({"X-Scope-OrgID": "tenant1"});
    let result = peer.check(&json!({"login": "etl", "password": "wrong", "extra": extra}));
    assert_eq!((result.short().as_str(), result.sent), ("ok", false));
    // Where nothing else identifies the client, the header may be the credential.
    let result = peer.check(&json!({"extra": extra}));
    assert_eq!((result.short().as_str(), result.sent), ("ok", true));
}

/// A page that is not there may greet the user: the same status says nothing of the credential all the same.
#[test]
fn other_pages_may_differ() {
    let (one, other) = (with_body("404 Not Found", "Hello guest"), with_body("404 Not Found", "Hello etl"));
    let peer = Peer::new(move |request| if has_credential(request) { other.clone() } else { one.clone() });
    let result = peer.check(&json!({"login": "etl", "password": "canary"}));
    assert_eq!((result.short().as_str(), result.answer), ("ok", Some(NoDifference)));
}
