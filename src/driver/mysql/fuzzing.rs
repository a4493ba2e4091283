//! The fuzz target `answers` of this driver: packets, greeting, refusal, the packets of a login, and the answer to a
//! query. Built for fuzzing and tests only.

use serde_json::json;
use tokio::io::{join, sink};

use super::auth::{DialogueError, Exchange, Next, Privacy};
use super::greeting::Greeting;
use super::options::Options;
use super::query::{Answers, ask};
use super::refusal::Refusal;
use super::wire::{Packets, Server};
use crate::driver::fuzzing::{Fuzz, PASSWORD, Reader, choice, now, turns};

/// This driver's targets for the fuzzer.
pub(super) const FUZZ: Fuzz = Fuzz {
    answers: Some(Reader { read: answers, deepest: &["done", "answer", "refused", "turned-away", "table"] }),
    definitions: &[
        |_| json!({"login": "native", "password": PASSWORD, "schema": "appdb", "extra": {"ssl_mode": "DISABLED", "get_server_public_key": true}}),
        |_| json!({"login": "native", "password": PASSWORD, "extra": {"charset": "utf8mb4"}}),
        |_| json!({"login": "native"}),
    ],
    deepest: &["ok", "auth-auth"],
};

/// Reads what a server sends, turn by turn: the greeting, then the packets of a login, then answers to queries.
fn answers(input: &[u8]) -> &'static str {
    let (chosen, script) = choice(input, 3);
    let privacy = [Privacy::OpenWithServerKey, Privacy::Unheard, Privacy::Proved][chosen];
    let mut turns = turns(script);
    now(async {
        let Ok(first) = packets(turns.next().unwrap_or_default()).read_first().await else { return "no-packet" };
        if let Some(refusal) = Refusal::parse(&first) {
            drop(refusal.into_failure(&Options::for_tests(), false));
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
        while let Some(turn) = turns.next() {
            let Ok(mut payload) = packets(turn).read().await else { return came };
            came = match exchange.hear(&mut payload) {
                Ok(Next::Done) => {
                    let answers = [Answers::agreed(&[0; 4]), Answers::agreed(&[0xff; 4])][chosen % 2];
                    came = "done";
                    for turn in turns {
                        came = answered(turn, answers).await;
                    }
                    return came;
                }
                Ok(Next::Listen) => "listen",
                Ok(Next::Show) => "show",
                Ok(Next::Answer(answer)) => {
                    let bare = answer.starts_with(PASSWORD.as_bytes());
                    assert!(!bare || privacy != Privacy::OpenWithServerKey, "the password leaves as it is");
                    "answer"
                }
                Err(DialogueError::Refused(refusal)) => {
                    drop(refusal.into_failure(&Options::for_tests(), false));
                    return "refused";
                }
                Err(DialogueError::Failed(_)) => return "failed",
                Err(DialogueError::Nonsense(_)) => return "nonsense",
            };
        }
        came
    })
}

/// The outcome of an answer.
async fn answered(bytes: &[u8], answers: Answers) -> &'static str {
    let mut rows = 0;
    match ask(&mut packets(bytes), answers, "SELECT 1", |_row| rows += 1).await {
        Ok(_names) if rows > 0 => "table",
        Ok(_names) => "empty",
        Err(DialogueError::Refused(_)) => "declined",
        Err(DialogueError::Failed(_) | DialogueError::Nonsense(_)) => "no-answer",
    }
}

fn packets(bytes: &[u8]) -> Packets<Server> {
    Packets::of_server(join(std::io::Cursor::new(bytes.to_vec()), sink()))
}
