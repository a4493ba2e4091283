//! Redis at the gate.

use serde_json::{Value, json};

use crate::served::Served;
use crate::servers::Servers;

pub const OWN: Served = Served {
    refused: Some(refused),
    user: Some("redis_cli -p $REDIS_PORT -a right --no-auth-warning acl setuser late on '>CANARY-late' '+@all'"),
    ..Served::of(("redis", "redis", "REDIS_PORT"), definition, SUITE)
};

const SUITE: &str =
    "redis_cli -p $REDIS_PORT --user connprobe --pass connprobe-demo --no-auth-warning ping | grep -qx PONG";

fn definition(servers: &Servers) -> Value {
    json!({"conn_type": "redis", "host": "127.0.0.1", "port": servers.port(&OWN),
        "login": "connprobe", "password": "connprobe-demo"})
}

/// Its list of what it refused, of which each entry has a count.
fn refused(servers: &Servers, user: &str) -> usize {
    let list = servers.shell(&OWN, "redis_cli -p $REDIS_PORT -a right --no-auth-warning --json acl log");
    let list: Value = serde_json::from_str(&list).unwrap();
    let entries = list.as_array().unwrap().iter();
    let own = entries.filter(|entry| entry["reason"] == "auth" && entry["username"] == user);
    own.map(|entry| usize::try_from(entry["count"].as_u64().unwrap()).unwrap()).sum()
}
