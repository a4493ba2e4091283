//! The fuzz target `answers` of this driver: messages, documents, greetings, refusals and the server's part of SCRAM.
//! Built for fuzzing and tests only.

use serde_json::json;

use super::greeting::{self, Meant};
use super::refusal::{self, Asker, Stage};
use super::reply::Reply;
use super::scram;
use super::wire::Message;
use crate::driver::fuzzing::{Fuzz, PASSWORD, Reader, choice, now};
use crate::driver::kit::sasl::Challenge;
use crate::model::facts::Facts;

/// This driver's targets for the fuzzer.
pub(super) const FUZZ: Fuzz = Fuzz {
    answers: Some(Reader { read: answers, deepest: &["greeting", "challenge", "refused", "member"] }),
    definitions: &[
        |_| json!({"login": "adminuser", "password": PASSWORD}),
        |_| json!({"login": "adminuser", "password": PASSWORD, "extra": {"authMechanism": "SCRAM-SHA-1"}}),
        |_| json!({"login": "adminuser", "password": PASSWORD, "extra": {"authMechanism": "PLAIN"}}),
        |_| json!({"extra": {"loadBalanced": true}}),
        |_| json!({"extra": {"replicaSet": "rs0"}}),
    ],
    deepest: &["ok", "auth-auth"],
};

/// Reads what a server sends: a whole message, or, if the input begins with `1`, a document in one.
fn answers(input: &[u8]) -> &'static str {
    let (chosen, bytes) = choice(input, 2);
    let framed = Message::new(bytes, None);
    let mut stream = if chosen == 1 { framed.bytes() } else { bytes };
    let Ok(message) = now(Message::read(&mut stream)) else { return "no-message" };
    let Some(reply) = Reply::read(message.document()) else { return "damaged" };
    // The crate's own types can read every document that was accepted.
    let _values: Vec<_> = reply.first().into_iter().filter_map(|name| reply.value(name)).collect();
    let mut facts = Facts::default();
    greeting::learn(reply, &mut facts);
    greeting::learn_build(reply, &mut facts);
    let inner = reply.document("speculativeAuthenticate").unwrap_or(reply);
    if let Some(payload) = inner.bytes("payload") {
        let nonce = scram::client_nonce(b"n,,n=etl,r=fyko+d2lbbFgONRv9qkxdawL").unwrap_or_default();
        return match scram::check(&Challenge::read(payload, &nonce)) {
            Ok(()) => "challenge",
            Err(why) => {
                assert!(!why.is_empty(), "a reason");
                "payload"
            }
        };
    }
    if reply.number("ok") != Some(1) {
        let asker = Asker { logs_in: chosen == 0, ..Asker::default() };
        drop(refusal::of_reply(reply, &asker, Stage::Login));
        return "refused";
    }
    let meant = Meant { replica_set: Some("rs0".to_owned()), load_balanced: false };
    match (greeting::check(reply, "h", &meant), greeting::check(reply, "h", &Meant::default())) {
        (Ok(()), _) => "member",
        (Err(_), Ok(())) => "greeting",
        (Err(_), Err(_)) => "document",
    }
}
