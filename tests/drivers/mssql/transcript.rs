//! SQL Server: the recorded TDS server that is used in place of a real one.

use serde_json::json;

use crate::real::{Recorded, Server, Spoken, Transcript, right, server};

pub const OWN: Recorded = Recorded { servers, read, lead: |_, _| {} };

fn servers() -> Vec<Server> {
    vec![
        server("TDS server", "SQLSERVER_NONE_PORT", true, right("sa", &json!({}))),
        server("TDS server, TLS", "SQLSERVER_ON_PORT", false, right("sa", &json!({"encryption": "require"}))),
    ]
}

fn read(spoken: &Spoken) -> Transcript {
    let usual = Transcript::of(spoken);
    Transcript { greeted: usual.turns[1], ..usual }
}
