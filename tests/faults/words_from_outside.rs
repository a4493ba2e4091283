//! Texts from DNS records and servers appear in connprobe's messages. They must never contain a part of a secret, or
//! control characters that act on a terminal. Each driver lists these texts in its `told.rs`.

use std::sync::Arc;

use serde_json::Value;

use crate::causes::report;
use crate::dns;
use crate::matrix::drivers;
use crate::peer::Peer;
use crate::speech::Said;

/// Half of the password of all definitions here, and more of it than a message may contain.
const PIECE: &str = "canary-hunter2";

/// Everything that is reported about `definition`, in JSON and as a table.
pub fn printed(definition: Value, more: &[&str]) -> String {
    let mut arguments = vec![format!("--dns-server={}", dns::server_address())];
    arguments.extend(more.iter().map(|argument| (*argument).to_owned()));
    let (report, table) = report(vec![definition], &arguments);
    format!("{report}\n{table}")
}

/// Checks two servers that differ in one word. The report must show the harmless word; it must show neither the part of
/// the secret nor the text around it.
pub fn assert_hidden(what: &str, harmless: &Value, telling: &Value) {
    let shown = printed(harmless.clone(), &[]);
    assert!(shown.contains("harmless"), "{what}: the word stands nowhere, so nothing is tested: {shown}");
    assert!(!printed(harmless.clone(), &["--no-detail"]).contains("harmless"), "{what}: --no-detail");
    for more in [&[][..], &["--no-detail"]] {
        let shown = printed(telling.clone(), more);
        assert!(!shown.to_lowercase().contains(PIECE), "{what} {more:?}: {shown}");
    }
}

/// The texts of every driver's server, in refusals and as facts.
#[test]
fn the_words_and_facts_of_every_server() {
    for driver in drivers() {
        let said: Said = Arc::new(|_: &[u8]| ("x-cAnArY-hunter2".to_owned(), "y-cAnArY-hunter2".to_owned()));
        for server in [Some(driver.refuse), driver.welcome].into_iter().flatten() {
            let peer = Peer::start(server(Said::clone(&said)), driver.framing);
            let definition = driver.definition("127.0.0.1", peer.listening.port, None);
            for more in [&[][..], &["--no-detail"]] {
                let shown = printed(definition.clone(), more);
                assert!(!shown.to_lowercase().contains(PIECE), "{driver:?} {more:?}: {shown}");
            }
        }
    }
}
