//! What the fuzz target `mysql` reaches: packets, greeting, refusal and the packets of a login. Built
//! for fuzzing and tests alone.

#![expect(clippy::missing_panics_doc, reason = "to panic over what is wrong is what a target is for")]

use tokio::io::{join, sink};

use super::exchange::{Exchange, Halt, Next, Privacy};
use super::greeting::Greeting;
use super::packet::{Packets, Server};
use super::refusal::Refusal;
use super::settings::Settings;
use crate::driver::fuzzing::{PASSWORD, choice, now, turns};

/// Hears what a server says in its turns: the greeting, then the packets of a login.
#[must_use]
pub fn mysql(input: &[u8]) -> &'static str {
    let (chosen, script) = choice(input, 3);
    let privacy = [Privacy::Open, Privacy::Unheard, Privacy::Proved][chosen];
    let mut turns = turns(script);
    now(async {
        let Ok(first) = packets(turns.next().unwrap_or_default()).read_first().await else { return "no-packet" };
        if let Some(refusal) = Refusal::parse(&first) {
            drop(refusal.into_failure(&Settings::for_tests(), false));
            return "turned-away";
        }
        let Ok(greeting) = Greeting::parse(&first) else { return "no-greeting" };
        let (product, version) = greeting.server();
        assert!(!product.is_empty() && version.len() <= 3 * 255, "of {product} {version}");
        let shown = greeting.for_crate();
        let Ok(again) = Greeting::parse(&shown) else { unreachable!("what the crate is shown is a greeting") };
        assert!(again.nonce() == greeting.nonce() && !again.offers_tls(), "the crate is shown the same, without TLS");

        let mut exchange = Exchange::new(greeting.method(), greeting.nonce(), PASSWORD.as_bytes(), privacy);
        let mut came = "greeting";
        for turn in turns {
            let Ok(mut payload) = packets(turn).read().await else { return came };
            came = match exchange.hear(&mut payload) {
                Ok(Next::Done) => return "done",
                Ok(Next::Listen) => "listen",
                Ok(Next::Show) => "show",
                Ok(Next::Answer(answer)) => {
                    let bare = answer.starts_with(PASSWORD.as_bytes());
                    assert!(!bare || privacy != Privacy::Open, "the password leaves as it is");
                    "answer"
                }
                Err(Halt::Refused(refusal)) => {
                    drop(refusal.into_failure(&Settings::for_tests(), false));
                    return "refused";
                }
                Err(Halt::Failed(_)) => return "failed",
                Err(Halt::Nonsense(_)) => return "nonsense",
            };
        }
        came
    })
}

fn packets(bytes: &[u8]) -> Packets<Server> {
    Packets::of_server(join(std::io::Cursor::new(bytes.to_vec()), sink()))
}
