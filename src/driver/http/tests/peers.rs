//! Hostile peers.

use std::time::Duration;

use serde_json::json;

use super::{Peer, answer, has_credential};
use crate::model::reason::ReasonCode;

const ASKS: &str = "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"";

#[test]
fn no_credential_goes_where_an_answer_points() {
    let trap = Peer::of("200 OK", "200 OK");
    for status in [301, 302, 303, 307, 308] {
        for asked in [true, false] {
            let location = format!("{status} Moved\r\nLocation: http://127.0.0.1:{}/steal", trap.port);
            let peer = if asked { Peer::of(ASKS, &location) } else { Peer::of(&location, "200 OK") };
            let checked = peer.check(&json!({"login": "etl", "password": "hunter2"}));
            assert_eq!(checked.short(), "definition redirected", "{status}");
        }
    }
    // Other headers that name a location are not followed either.
    for lines in ["Refresh: 0; url=http://127.0.0.1", "Content-Location: http://127.0.0.1/", "Alt-Svc: h2=\":1\""] {
        Peer::of(&format!("{ASKS}\r\n{lines}"), "200 OK").check(&json!({"login": "etl", "password": "hunter2"}));
    }
    assert!(trap.requests().is_empty());
}

#[test]
fn no_body_keeps_a_verdict_waiting() {
    type Said = fn() -> Vec<u8>;
    let endless: &[(&str, Said)] = &[
        ("a length that never comes", || b"HTTP/1.1 401 x\r\nContent-Length: 1000000000\r\n\r\nbegun".to_vec()),
        ("no length, and no end", || b"HTTP/1.1 401 x\r\n\r\nbegun".to_vec()),
        ("a piece that never comes", || b"HTTP/1.1 401 x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbegun\r\n".to_vec()),
        ("a piece that is none", || b"HTTP/1.1 401 x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".to_vec()),
        ("a megabyte", || [&b"HTTP/1.1 401 x\r\nContent-Length: 900000\r\n\r\n"[..], &vec![b'x'; 900_000]].concat()),
        ("pieces without end", || {
            let head = &b"HTTP/1.1 401 x\r\nTransfer-Encoding: chunked\r\n\r\n"[..];
            [head, &b"1\r\nx\r\n".repeat(100_000)].concat()
        }),
    ];
    for (name, said) in endless {
        let peer = Peer::new(move |request| if has_credential(request) { answer("200 OK") } else { said() });
        let checked = peer.check(&json!({"login": "etl", "password": "hunter2"}));
        assert_eq!(checked.short(), "ok", "{name}");
        assert!(checked.took < Duration::from_secs(3), "{name}: {:?}", checked.took);
    }
    let peer = Peer::new(|_| b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\nbegun".to_vec());
    assert!(peer.check(&json!({"login": "etl", "password": "hunter2"})).took < Duration::from_millis(400));
}

#[test]
fn a_connection_that_the_server_does_not_keep_is_opened_anew() {
    let heard = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    for line in ["Connection: close\r\n", ""] {
        let closing = format!("HTTP/1.{} 401 x\r\n{line}Content-Length: 0\r\n\r\n", u8::from(!line.is_empty()));
        let peer = Peer::new(
            move |request| {
                if has_credential(request) { answer("200 OK") } else { closing.clone().into_bytes() }
            },
        );
        assert_eq!(peer.check(&json!({"login": "etl", "password": "hunter2"})).short(), "ok", "{line}");
    }
    // Requests are never repeated: if the connection ends in place of the verdict, the login has ended.
    let count = heard.clone();
    let peer = Peer::new(move |request| {
        if !has_credential(request) {
            return answer(ASKS);
        }
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Vec::new()
    });
    let checked = peer.check(&json!({"login": "etl", "password": "hunter2"}));
    assert_eq!((checked.verdict.unwrap_err().class.as_str(), checked.answer), ("closed", None));
    assert_eq!(heard.load(std::sync::atomic::Ordering::Relaxed), 1);
}

/// A server may close the connection after its first answer without announcing it: a credential sent over it would be
/// lost.
#[test]
fn a_credential_goes_over_no_connection_that_may_have_ended() {
    for (line, ends, connections) in [
        ("", true, 2),
        ("", false, 2),
        ("Connection: keep-alive\r\n", true, 2),
        ("connection: Keep-Alive\r\n", false, 1),
    ] {
        let first = format!("HTTP/1.1 401 x\r\n{line}Content-Length: 0\r\n\r\n");
        let peer =
            Peer::ending(
                ends,
                move |request| {
                    if has_credential(request) { answer("200 OK") } else { first.clone().into_bytes() }
                },
            );
        for _ in 0..10 {
            assert_eq!(peer.check(&json!({"login": "etl", "password": "hunter2"})).short(), "ok", "{line} {ends}");
        }
        let told = peer.requests().iter().filter(|request| has_credential(request)).count();
        assert_eq!((told, peer.connections()), (10, 10 * connections), "{line} {ends}");
    }
}

#[test]
fn what_is_no_http_is_told() {
    for said in [
        &b"SSH-2.0-OpenSSH_9.2p1\r\n"[..],
        b"HTTP/1.1 9999 x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX Y: z\r\n: \r\n\r\n",
        b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\r\n\r\n",
        // The SETTINGS frame of HTTP/2.
        b"\0\0\x06\x04\0\0\0\0\0\0\x05\0\0\x40\0\0",
    ] {
        let peer = Peer::new(|_| said.to_vec());
        let failure = peer.check(&json!({"login": "etl", "password": "hunter2"})).verdict.unwrap_err();
        assert_eq!(failure.class.as_str(), "protocol", "{}", said.escape_ascii());
        let named = said.starts_with(b"SSH") || said.starts_with(b"\0\0\x06");
        assert_eq!(failure.reason == ReasonCode::OtherProtocol, named, "{}", said.escape_ascii());
    }
    let lines = "X-Line: x\r\n".repeat(10_000);
    let peer = Peer::new(move |_| format!("HTTP/1.1 200 OK\r\n{lines}\r\n").into_bytes());
    assert_eq!(peer.check(&json!({})).verdict.unwrap_err().class.as_str(), "protocol");
}

/// A body may contain anything: no result quotes it.
#[test]
fn a_body_that_says_the_secret_is_not_repeated() {
    let said = b"HTTP/1.1 401 x\r\nContent-Length: 15\r\n\r\nhunter2-hunter2";
    let peer = Peer::new(|_| said.to_vec());
    let failure = peer.check(&json!({"login": "etl", "password": "hunter2"})).verdict.unwrap_err();
    assert_eq!(failure.class.as_str(), "auth");
    assert!(!format!("{failure:?}").contains("hunter2"), "{failure:?}");
}

/// The first answer has shown that the host and the port are right.
#[test]
fn a_connection_that_ends_after_an_answer_ended_during_the_login() {
    for keeps in ["close", "keep-alive"] {
        let demands = answer(&format!("{ASKS}\r\nConnection: {keeps}"));
        let ends = keeps == "close";
        let peer =
            Peer::ending(ends, move |request| if has_credential(request) { Vec::new() } else { demands.clone() });
        let checked = peer.check(&json!({"login": "etl", "password": "hunter2"}));
        assert_eq!(checked.short(), "closed closed_during_login", "{keeps}");
        assert_eq!((peer.connections(), checked.sent, checked.answer), (1 + usize::from(ends), true, None), "{keeps}");
        assert!(!checked.trace.is_unanswered(), "{keeps}");
    }
    let peer = Peer::new(|_| Vec::new());
    assert_eq!(peer.check(&json!({})).short(), "unreachable closed_before_greeting");
}
