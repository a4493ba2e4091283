//! The fuzz target `answers` of this driver: packets, the answer to PRELOGIN, and the packets around TLS. Built for
//! fuzzing and tests only.

use serde_json::json;
use tokio::io::{AsyncReadExt as _, join, sink};

use super::encryption::Level;
use super::envelope::Envelope;
use super::prelogin::Answer;
use super::route::Route;
use super::wire::{Packets, read_answer};
use crate::driver::fuzzing::{Fuzz, PASSWORD, Reader, now};

/// This driver's targets for the fuzzer.
pub(super) const FUZZ: Fuzz = Fuzz {
    answers: Some(Reader { read: answers, deepest: &["agreed", "packets", "wrapped"] }),
    definitions: &[
        |_| json!({"login": "sa", "password": PASSWORD, "schema": "appdb"}),
        |_| json!({"login": "sa", "extra": {"encryption": "off"}}),
    ],
    deepest: &["ok", "auth-auth"],
};

/// Reads what a server sends.
fn answers(input: &[u8]) -> &'static str {
    let mut whole = Packets::default();
    let mut apart = Packets::default();
    let followed = whole.pass(input).is_ok();
    let bytewise = input.iter().all(|byte| apart.pass(&[*byte]).is_ok());
    assert_eq!(followed, bytewise, "packets are the same however they are cut");
    // The crate returns routes as text.
    let _route = std::str::from_utf8(input).map(|server| Route::follow(server, 1433));
    now(async {
        let mut wrapped = Envelope::sealed(join(input, sink()));
        let mut payload = Vec::new();
        let unwrapped = wrapped.read_to_end(&mut payload).await.is_ok();
        assert!(payload.len() <= input.len(), "no byte was made up");
        match read_answer(&mut &*input).await {
            Ok(answer) => match Answer::parse(&answer) {
                Some(answer) => {
                    let levels = [Level::Off, Level::Request, Level::Require, Level::Strict];
                    let agreed = levels.into_iter().filter(|level| answer.agree(*level).is_ok()).count();
                    if agreed > 1 { "agreed" } else { "disagreed" }
                }
                None => "answer",
            },
            Err(_) if followed && !input.is_empty() => "packets",
            Err(_) if unwrapped && !payload.is_empty() => "wrapped",
            Err(_) => "nonsense",
        }
    })
}
