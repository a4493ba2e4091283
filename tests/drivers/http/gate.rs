//! nginx at the gate.

use serde_json::{Value, json};

use crate::served::Served;
use crate::servers::Servers;

pub const OWN: Served = Served {
    accepted: Some(|servers| answers(servers, "connprobe", 200)),
    refused: Some(|servers, user| answers(servers, user, 401)),
    user: Some("echo 'late:{PLAIN}CANARY-late' >>\"$DIR/web/users\""),
    ..Served::of(("web", "web", "WEB_PORT"), definition, SUITE)
};

const SUITE: &str = "curl -sf -u connprobe:connprobe-demo http://127.0.0.1:$WEB_PORT/";

fn definition(servers: &Servers) -> Value {
    json!({"conn_type": "http", "host": "127.0.0.1", "port": servers.port(&OWN), "schema": "http",
        "login": "connprobe", "password": "connprobe-demo"})
}

/// The number of requests with a credential of `user` that got `status`.
fn answers(servers: &Servers, user: &str, status: u16) -> usize {
    let (user, status) = (format!(" - {user} ["), format!("\" {status} "));
    servers.lines("web/access", |line| line.contains(&user) && line.contains(&status))
}
