//! What the fuzz target `redis` reaches: replies, and what they mean. Built for fuzzing and tests alone.

#![expect(clippy::missing_panics_doc, reason = "to panic over what is wrong is what a target is for")]

use tokio::io::{join, sink};

use super::auth::{Stage, refusal};
use super::options::Options;
use super::wire::{Reply, Wire};
use crate::driver::fuzzing::{choice, now};
use crate::model::class::Class;

/// Reads what a server says, reply after reply, at one of the stages of a login.
#[must_use]
pub fn redis(input: &[u8]) -> &'static str {
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
