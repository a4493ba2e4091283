//! PostgreSQL: the recorded real servers.

use serde_json::json;

use crate::real::{Recorded, Server, Transcript, right, server};

pub const OWN: Recorded = Recorded { servers, read: |spoken| Transcript::of(spoken), lead: |_, _| {} };

fn servers() -> Vec<Server> {
    vec![
        server("PostgreSQL", "PG_PORT", true, right("scramuser", &json!({"sslmode": "disable"}))),
        server("PostgreSQL, TLS", "PG_PORT", false, right("scramuser", &json!({"sslmode": "require"}))),
    ]
}
