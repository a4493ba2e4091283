//! PostgreSQL: tests of hints and causes in results.

use serde_json::json;

use super::speech::{OWN, error};
use crate::causes::assert_one;
use crate::peer::{Peer, Step, say};
use crate::second_look::{NOBODY, assert_hint, peer, with};
use crate::speech::CANARY;

#[test]
fn what_is_odd_about_a_place() {
    let uri = OWN.definition("postgresql://db1.example:5432", 5432, None);
    assert_hint("a URI as a host", uri, "definition", &["host"]);
    let other = OWN.definition(NOBODY, 3306, None);
    assert_hint("a port of another type", other, "unreachable", &["host", "port"]);
    let refusal = error("3D000", "no", "InitPostgres");
    let server = peer(&OWN, vec![Step::Hear, say("N"), Step::Hear, say(refusal)]);
    let inside = with(OWN.definition("127.0.0.1", server.port, None), "schema", "public");
    assert_hint("a schema as a database", inside, "not_found", &["schema"]);
}

#[test]
fn an_account_that_is_refused_fourteen_times() {
    let refusal = error("28P01", "no", "auth_failed");
    // The server asks for the password first: a server that refuses earlier has not checked a credential.
    let asks = b"R\0\0\0\x08\0\0\0\x03";
    let script = vec![Step::Hear, say("N"), Step::Hear, say(asks), Step::Hear, say(refusal)];
    let peer = Peer::start(script, OWN.framing);
    let definitions = (0..14)
        .map(|n| {
            let mut one = OWN.definition("127.0.0.1", peer.listening.port, None);
            one["password"] = json!(format!("{}{}", CANARY, n % 5));
            one["schema"] = json!(format!("db{n}"));
            one
        })
        .collect();
    let target = format!("127.0.0.1:{}", peer.listening.port);
    assert_one(definitions, &[], ["auth", "login_refused"], &target);
    assert_eq!(peer.watch.seen().connections, 2, "logins that were really made");
}
