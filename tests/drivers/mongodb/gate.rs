//! `FerretDB` at the gate.

use serde_json::{Value, json};

use crate::served::Served;
use crate::servers::Servers;

pub const OWN: Served = Served {
    // It names no user.
    refused: Some(|servers, _| {
        servers.lines("mongodb/log", |line| line.contains("\"errmsg\": \"Authentication failed.\""))
    }),
    ..Served::of(("mongodb", "mongodb", "MONGODB_PORT"), definition, SUITE)
};

const SUITE: &str = r#""$VENV/bin/python" -c "
import pymongo
limits = dict(directConnection=True, serverSelectionTimeoutMS=10000)
pymongo.MongoClient('127.0.0.1', $MONGODB_PORT, username='connprobe', password='connprobe-demo', **limits).admin.command('ping')
""#;

fn definition(servers: &Servers) -> Value {
    json!({"conn_type": "mongo", "host": "127.0.0.1", "port": servers.port(&OWN), "schema": "admin",
        "login": "connprobe", "password": "connprobe-demo"})
}
