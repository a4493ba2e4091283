//! Redis: the recorded real servers.

use serde_json::{Value, json};

use crate::real::{Recorded, Server, Spoken, Transcript, Way, server};

pub const OWN: Recorded = Recorded { servers, read, lead: |_, _| {} };

fn servers() -> Vec<Server> {
    let right = |extra: Value| json!({"login": "probe", "password": "right", "extra": extra});
    vec![
        server("Redis", "REDIS_PORT", true, right(json!({"db": 3}))),
        server("Redis, TLS", "REDIS_TLS_PORT", false, right(json!({"ssl": true, "ssl_cert_reqs": "none"}))),
    ]
}

/// After its first part, the last answer has only facts about the server, which may be missing.
fn read(spoken: &Spoken) -> Transcript {
    // Whether the answer to QUIT still arrives depends on which side closes first.
    let spoken = match spoken.as_slice() {
        [all @ .., (Way::FromServer, _)] if says_goodbye(all) => all,
        all => all,
    };
    let usual = Transcript::of(spoken);
    let enough = spoken[5].1.iter().position(|byte| *byte == b'*');
    Transcript { proved: enough.map_or(usual.proved, |length| usual.accepted + length), ..usual }
}

/// Whether the last turn is the client's QUIT.
fn says_goodbye(spoken: &[(Way, Vec<u8>)]) -> bool {
    matches!(spoken.last(), Some((Way::FromClient, words)) if words.ends_with(b"QUIT\r\n"))
}
