//! MongoDB: the recorded real servers that speak its protocol.

use serde_json::{Value, json};

use crate::real::{Recorded, Server, Transcript, server};

pub const OWN: Recorded = Recorded { servers, read: |spoken| Transcript::of(spoken), lead: |_, _| {} };

fn servers() -> Vec<Server> {
    let right = |extra: Value| json!({"login": "adminuser", "password": "right", "extra": extra});
    vec![
        server("FerretDB", "MONGODB_PORT", true, right(json!({}))),
        server("FerretDB, TLS", "MONGODB_TLS_PORT", false, right(json!({"tls": true, "tlsInsecure": true}))),
    ]
}
