//! PostgreSQL at the gate.

use serde_json::{Value, json};

use crate::served::{Initialising, Place, Served, Slow, Starting};
use crate::servers::Servers;

pub const OWN: Served = Served {
    // Its children have process groups of their own, and end with it only by its own shutdown.
    signals: ("INT", "QUIT"),
    options: &["-c", "log_connections=on"],
    accepted: Some(|servers| servers.lines(LOG, |line| line.contains("connection authorized: user=connprobe"))),
    refused: Some(|servers, user| {
        let words = format!("password authentication failed for user \"{user}\"");
        servers.lines(LOG, |line| line.contains(&words))
    }),
    user: Some("port=$PG_PORT postgres_psql -c \"create role late login password 'CANARY-late'\""),
    place: Some(Place {
        fields: || json!({"schema": "later"}),
        reason: "database_not_found",
        made: "port=$PG_PORT postgres_psql -c 'create database later'",
    }),
    initialising: Some(Initialising {
        options: &["-c", "listen_addresses="],
        ready: "database system is ready to accept connections",
    }),
    slow: Some(Slow {
        options: &["-c", "post_auth_delay=60"],
        received: "connection authenticated: identity=\"connprobe\"",
    }),
    // A standby that nobody may query.
    starting: Some(Starting {
        options: &["-c", "hot_standby=off"],
        prepare: "${UNPRIVILEGED[@]} touch $SHORT/pg/data/standby.signal",
        restore: "rm $SHORT/pg/data/standby.signal",
    }),
    ..Served::of(("postgres", "postgres", "PG_PORT"), definition, SUITE)
};

const LOG: &str = "postgres/log";
const SUITE: &str = "PGPASSWORD=connprobe-demo psql -X -h 127.0.0.1 -p $PG_PORT -U connprobe -d demo -c 'select 1'";

fn definition(servers: &Servers) -> Value {
    json!({"conn_type": "postgres", "host": "127.0.0.1", "port": servers.port(&OWN), "schema": "demo",
        "login": "connprobe", "password": "connprobe-demo"})
}
