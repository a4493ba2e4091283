//! The fuzz target `answers` of this driver: replies, and their meaning. Built for fuzzing and tests only.

use serde_json::json;
use tokio::io::{join, sink};

use super::auth::{Stage, refusal};
use super::options::Options;
use super::wire::{Reply, Wire};
use crate::driver::fuzzing::{Fuzz, PASSWORD, Reader, choice, now};
use crate::model::class::Class;

/// This driver's targets for the fuzzer.
pub(super) const FUZZ: Fuzz = Fuzz {
    answers: Some(Reader { read: answers, deepest: &["value", "array", "refused", "error"] }),
    definitions: &[
        |_| json!({"login": "etl", "password": PASSWORD}),
        |_| json!({"password": PASSWORD, "extra": {"db": 3}}),
        |_| json!({}),
        |_| json!({"login": "etl", "extra": {"cluster": true}}),
    ],
    deepest: &["ok", "auth-auth"],
};

/// Reads what a server sends, reply after reply, at one stage of a login.
fn answers(input: &[u8]) -> &'static str {
    let (chosen, bytes) = choice(input, 3);
    let stage = [Stage::Auth, Stage::Ping, Stage::Select][chosen];
    let mut wire = Wire::new(join(std::io::Cursor::new(bytes.to_vec()), sink()));
    let options = Options::for_tests();
    let mut came = "nothing";
    now(async {
        while let Ok(reply) = wire.reply().await {
            came = match reply {
                Reply::Text(_) => "value",
                Reply::Values(values) => {
                    assert!(values.len() <= bytes.len(), "more values than bytes");
                    "array"
                }
                Reply::Refused(text) => {
                    let failure = refusal(&text, stage, &options, "h:6379");
                    assert!(failure.class != Class::Internal, "{failure:?}");
                    if failure.class == Class::Auth { "refused" } else { "error" }
                }
            };
        }
        came
    })
}
