//! What the fuzz target `mssql` reaches: packets, the answer to PRELOGIN, and what wraps TLS. Built for
//! fuzzing and tests alone.

#![expect(clippy::missing_panics_doc, reason = "to panic over what is wrong is what a target is for")]

use tokio::io::{AsyncReadExt as _, join, sink};

use super::encryption::Level;
use super::envelope::Envelope;
use super::packet::{Packets, read_answer};
use super::prelogin::Answer;
use super::route::Route;
use crate::driver::fuzzing::now;

/// Reads what a server says.
#[must_use]
pub fn mssql(input: &[u8]) -> &'static str {
    let mut whole = Packets::default();
    let mut apart = Packets::default();
    let followed = whole.pass(input).is_ok();
    let bytewise = input.iter().all(|byte| apart.pass(&[*byte]).is_ok());
    assert_eq!(followed, bytewise, "packets are the same however they are cut");
    // Routes come as text through the crate.
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
