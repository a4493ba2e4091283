//! Faulty and hostile servers: the failure comes fast, with the right reason, after one connection.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use mongodb::bson::{Document, doc};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::scripted::{LIMIT, SERVER_FIRST, Verdict, ask, first_answer, greeting, hello, message, probe, sasl};
use crate::driver::Answer;
use crate::driver::mongodb::wire::Message;
use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::ReasonCode;

/// Far below the limit of the probe.
const FAST: Duration = Duration::from_secs(1);

fn with_login() -> Value {
    json!({"login": "etl", "password": "hunter22"})
}

/// The failure and its phase; checks that it came fast, after one connection.
fn fast(verdict: Verdict) -> (Class, Option<Phase>, Failure) {
    let failure = verdict.outcome.unwrap_err();
    assert!(verdict.elapsed < FAST, "{failure:?} took {:?}", verdict.elapsed);
    assert_eq!(verdict.connections, 1, "{failure:?}");
    (failure.class, failure.phase.or(verdict.trace.phase()), failure)
}

/// Nested documents on which the bson crate would overflow its stack.
fn nested(depth: usize) -> Vec<u8> {
    let document = (0..depth).fold(vec![5, 0, 0, 0, 0], |inner, _| {
        let length = i32::try_from(inner.len() + 8).unwrap();
        [&length.to_le_bytes()[..], &[3, b'x', 0], &inner, &[0]].concat()
    });
    Message::new(&document, None).bytes().to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn other_services_are_named() {
    for (name, first) in [
        ("HTTP", &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..]),
        ("SSH", b"SSH-2.0-OpenSSH_9.2p1\r\n"),
        ("SMTP", b"220 mail ESMTP\r\n"),
        ("not MongoDB", &[0xff; 4096]),
        // An alert is shorter than a header, and the last message of a TLS server.
        ("expects TLS", b"\x15\x03\x01\x00\x02\x02\x0a"),
    ] {
        let verdict = probe(with_login(), move |mut stream: TcpStream| async move {
            stream.read_u8().await.ok();
            stream.write_all(first).await.ok();
            if first.len() >= 16 {
                tokio::time::sleep(2 * LIMIT).await;
            }
        });
        let (class, phase, failure) = fast(verdict.await);
        assert_eq!((class, phase), (Class::Protocol, Some(Phase::Auth)), "{name}: {failure:?}");
        assert!(failure.message.contains(name), "{failure:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_hangs_up_is_told_by_when() {
    let (class, phase, failure) = fast(probe(with_login(), |stream| async move { drop(stream) }).await);
    assert_eq!((class, phase), (Class::Unreachable, Some(Phase::Auth)));
    assert!(failure.hint.unwrap().contains("TLS"));
    let at_the_proof = |command: &Document| {
        (!command.contains_key("saslContinue")).then(|| message(&greeting(command, doc! {}, SERVER_FIRST)))
    };
    let (class, phase, _) = fast(ask(with_login(), at_the_proof).await);
    assert_eq!((class, phase), (Class::Closed, Some(Phase::Auth)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_server_is_given_up_at_the_limit() {
    let verdict = probe(with_login(), |stream| async move {
        tokio::time::sleep(2 * LIMIT).await;
        drop(stream);
    })
    .await;
    assert_eq!(verdict.outcome.unwrap_err().class, Class::Timeout);
    assert!(verdict.elapsed < LIMIT + Duration::from_millis(400), "{:?}", verdict.elapsed);
    assert!(!verdict.trace.credential_sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_break_the_library_never_reaches_it() {
    type Answer = fn(&Document) -> Vec<u8>;
    let cases: &[(&str, Answer, &str)] = &[
        ("nested 200", |_| nested(200), "deeper"),
        ("nested 800", |_| nested(800), "deeper"),
        ("nested 20,000", |_| nested(20_000), "deeper"),
        ("compressed", |_| with_word(12, 2012), "compressed"),
        ("48 MB", |_| 48_000_000_i32.to_le_bytes().to_vec(), "48000000 bytes"),
        ("-5 bytes", |_| (-5_i32).to_le_bytes().to_vec(), "-5 bytes"),
        ("a stream of answers", |_| with_word(16, 2), "flags"),
        ("many answers to one question", |_| message(&hello()).repeat(300), "lacks nonce"),
        ("2,147,483,647 iterations", |command| iterations(command, "2147483647"), "2147483647 iterations"),
        ("1 iteration", |command| iterations(command, "1"), "1 iterations"),
        ("a short nonce", |command| message(&greeting(command, doc! {}, "r=x,s=QSXCR+Q6sek8bf92,i=4096")), "nonce"),
        ("iterations, later", late_iterations, "4000000000 iterations"),
        ("something like a greeting", |_| message(&doc! { "ok": 1 }), "is not MongoDB"),
    ];
    for (name, answer, why) in cases {
        let (class, phase, failure) = fast(ask(with_login(), |command| Some(answer(command))).await);
        assert_eq!((class, phase), (Class::Protocol, Some(Phase::Auth)), "{name}: {failure:?}");
        let said = format!("{} {}", failure.message, failure.detail.unwrap_or_default());
        assert!(said.contains(why), "{name}: {said}");
    }
}

/// A greeting with `word` as its 32-bit word at `at`.
fn with_word(at: usize, word: i32) -> Vec<u8> {
    let mut bytes = message(&hello());
    bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
    bytes
}

fn iterations(command: &Document, count: &str) -> Vec<u8> {
    message(&greeting(command, doc! {}, &SERVER_FIRST.replace("4096", count)))
}

/// A server that answers the login only in a command of its own, not in the greeting.
fn late_iterations(command: &Document) -> Vec<u8> {
    if command.contains_key("saslStart") {
        return message(&first_answer(command, &SERVER_FIRST.replace("4096", "4000000000")));
    }
    message(&hello())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_nobody_asked_for_is_no_success() {
    for (name, more, class) in [
        ("an arbiter", doc! { "setName": "rs0", "ismaster": false, "arbiterOnly": true }, Class::Definition),
        (
            "a login that is over before it began",
            doc! { "speculativeAuthenticate": sasl("v=AAAA", true) },
            Class::Protocol,
        ),
    ] {
        let verdict =
            ask(with_login(), move |command| Some(message(&greeting(command, more.clone(), SERVER_FIRST)))).await;
        assert_eq!(verdict.outcome.map_err(|failure| failure.class), Err(class), "{name}");
        assert!(!verdict.trace.credential_sent, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_prove_itself_is_no_success() {
    let verdict = ask(with_login(), |command| {
        let proof = command.contains_key("saslContinue");
        let answer = if proof { sasl("v=AAAA", true) } else { greeting(command, doc! {}, SERVER_FIRST) };
        Some(message(&answer))
    })
    .await;
    assert_eq!(verdict.outcome.unwrap_err().reason, ReasonCode::ServerUnproved);
    assert!(verdict.credential.sent);
    assert_eq!(verdict.credential.answer, None, "a wrong signature is no acceptance");
}

/// RFC 5802, section 7: `server-error`, which may replace either message of the server.
#[tokio::test(flavor = "multi_thread")]
async fn an_error_that_ends_the_scram_dialogue_is_no_acceptance() {
    for (payload, class, answer) in [
        ("e=invalid-proof", Class::Auth, Some(Answer::Refused)),
        ("e=invalid-proof,x=more", Class::Auth, Some(Answer::Refused)),
        ("e=unknown-user", Class::Auth, Some(Answer::Refused)),
        ("e=CANARY-of-the-server", Class::Auth, Some(Answer::Refused)),
        ("e=no-resources", Class::Server, None),
    ] {
        for done in [true, false] {
            let verdict = ask(with_login(), move |command| {
                let proof = command.contains_key("saslContinue");
                let answer = if proof { sasl(payload, done) } else { greeting(command, doc! {}, SERVER_FIRST) };
                Some(message(&answer))
            })
            .await;
            let failure = verdict.outcome.unwrap_err();
            assert_eq!(failure.class, class, "{payload}");
            assert!(!failure.message.contains("CANARY"), "{}", failure.message);
            assert_eq!((verdict.credential.sent, verdict.credential.answer), (true, answer), "{payload} {done}");
        }
        let verdict = ask(with_login(), move |command| Some(message(&greeting(command, doc! {}, payload)))).await;
        assert_eq!((verdict.outcome.unwrap_err().class, verdict.credential.sent), (class, false), "{payload}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_greeting_that_is_refused_says_nothing_of_the_login() {
    for (code, class) in [(11601, Class::Server), (18, Class::Server), (13, Class::Server), (91, Class::Busy)] {
        let verdict = ask(with_login(), move |_command| {
            Some(message(&doc! { "ok": 0.0, "code": code, "errmsg": "operation was interrupted" }))
        })
        .await;
        let failure = verdict.outcome.unwrap_err();
        assert_eq!((failure.class, failure.code), (class, Some(code.to_string())));
        assert!(!verdict.credential.sent);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_server_gets_its_empty_message() {
    let seen = Arc::<Mutex<Vec<Vec<u8>>>>::default();
    let log = Arc::clone(&seen);
    let verdict = ask(with_login(), move |command| {
        let Ok(payload) = command.get_binary_generic("payload") else {
            return Some(message(&greeting(command, doc! {}, SERVER_FIRST)));
        };
        log.lock().unwrap().push(payload.clone());
        Some(message(&if payload.is_empty() { sasl("", true) } else { sasl("v=AAAA", false) }))
    })
    .await;
    // The signature is wrong; what counts here is that the dialogue reached its end.
    assert_eq!(verdict.outcome.unwrap_err().class, Class::Protocol);
    let seen = seen.lock().unwrap();
    assert_eq!(seen.iter().map(Vec::is_empty).collect::<Vec<_>>(), [false, true]);
    assert_eq!(verdict.trace.facts.auth_method.as_deref(), Some("SCRAM-SHA-256"));
}
