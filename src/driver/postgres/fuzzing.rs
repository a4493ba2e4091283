//! The fuzz target `answers` of this driver: a server's messages, through the watch of a login. Built for fuzzing and
//! tests only.

use std::sync::Arc;

use serde_json::json;
use tokio::io::empty;

use super::failure::{Login, Peer};
use super::options;
use super::watch::{Stopped, Watch};
use super::wire::{Frame, Frames};
use crate::driver::attempt::Protection;
use crate::driver::fuzzing::{Fuzz, LIMIT, PASSWORD, Reader, Scram, attempt, choice, turns};
use crate::model::connection::{Connection, Origin};
use crate::model::extra::Extra;
use crate::model::result::Address;
use crate::model::secret::Secret;
use crate::net::fault::find;
use crate::net::guard::{Budget, Guarded};

/// This driver's targets for the fuzzer.
pub(super) const FUZZ: Fuzz = Fuzz {
    answers: Some(Reader { read: answers, deepest: &["accepted", "stopped", "nonsense"] }),
    definitions: &[
        |_| json!({"login": "scramuser", "password": PASSWORD, "schema": "appdb"}),
        |_| json!({"login": "scramuser", "password": PASSWORD, "extra": {"target_session_attrs": "read-write"}}),
        |_| json!({"login": "scramuser", "extra": {"target_session_attrs": "primary"}}),
    ],
    deepest: &["ok", "auth-auth"],
};

/// Passes what a server sends, turn by turn, to a watch.
fn answers(input: &[u8]) -> &'static str {
    let (chosen, script) = choice(input, 3);
    assert_eq!(sorted(script, script.len().max(1)), sorted(script, 1), "messages are the same however they are cut");

    let attempt = attempt();
    let Ok((options, _)) = options::read(&connection(chosen)) else { unreachable!("a good definition") };
    let options = Arc::new(options);
    let login = Login { attempt: &attempt, host: options.hosts[0].clone(), options, sent: Arc::default() };
    let (_, tap) = Guarded::new(empty(), Budget::default(), std::time::Instant::now() + LIMIT);
    let address = Address::Ip(([192, 0, 2, 1], 5432).into());
    // SCRAM is bound to the channel if it is encrypted.
    let (channel, end_point) =
        if chosen == 1 { (Protection::Verified, Some(vec![7; 32])) } else { (Protection::Plain, None) };
    let mut watch = Watch::new(Peer { login, address, channel, tap }, end_point);
    let mut scram = Scram::default();
    let mut came = "nothing";
    for turn in turns(script) {
        if let Err(error) = watch.observe(&scram.fit(turn)) {
            return if find::<Stopped>(&error).is_some() { "stopped" } else { "nonsense" };
        }
        assert!(!contains(&watch.reply, PASSWORD.as_bytes()), "the password leaves as it is");
        scram.hear(&watch.reply);
        came = match (watch.reply.is_empty(), watch.pass.is_empty()) {
            (false, _) => "answer",
            (true, false) => "passed",
            (true, true) => came,
        };
        watch.reply.clear();
        watch.pass.clear();
        if attempt.recorder.snapshot().facts.server_proved.is_some() {
            came = "accepted";
        }
    }
    came
}

/// The messages of the authentication, all other bytes, and whether all are well-formed, if they arrive in pieces of
/// `size`.
fn sorted(bytes: &[u8], size: usize) -> (Vec<Vec<u8>>, Vec<u8>, bool) {
    let (mut frames, mut requests, mut pass) = (Frames::within(1 << 20), Vec::new(), Vec::new());
    for mut piece in bytes.chunks(size) {
        while !piece.is_empty() {
            match frames.next(&mut piece, &mut pass) {
                Ok(Some(Frame::Request(message) | Frame::Negotiation(message))) => requests.push(message),
                Ok(Some(Frame::Key(message))) => pass.extend(message),
                Ok(None) => {}
                // Nothing more is read from here on.
                Ok(Some(Frame::OldError(_))) | Err(_) => return (requests, pass, false),
            }
        }
    }
    (requests, pass, true)
}

fn connection(chosen: usize) -> Connection {
    let origin = Origin { source: "fuzz".to_owned(), line: None, pointer: String::new(), occurrence: 0 };
    let mut connection = Connection::new(origin);
    connection.host = Some("192.0.2.1".to_owned());
    connection.login = Some("etl".to_owned());
    connection.password = (chosen != 2).then(|| Secret::new(PASSWORD.to_owned()));
    connection.extra = Extra::new(json!({"sslmode": "require"}).as_object().cloned().unwrap_or_default());
    connection
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
