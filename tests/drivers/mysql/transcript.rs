//! MySQL and MariaDB: the recorded real servers.

use serde_json::json;

use crate::real::{Recorded, Server, Transcript, right, server};

pub const OWN: Recorded = Recorded { servers, read: |spoken| Transcript::of(spoken), lead: |_, _| {} };

fn servers() -> Vec<Server> {
    let asking = json!({"ssl_mode": "DISABLED", "get_server_public_key": true});
    vec![
        server("MariaDB", "MARIADB_PORT", true, right("native", &json!({"ssl_mode": "DISABLED"}))),
        server("MySQL", "MYSQL_PORT", true, right("sha2user", &asking)),
        server("MariaDB, TLS", "MARIADB_PORT", false, right("native", &json!({"ssl_mode": "REQUIRED"}))),
        server("MySQL, TLS", "MYSQL_PORT", false, right("sha2user", &json!({"ssl_mode": "REQUIRED"}))),
    ]
}
