//! `MariaDB` at the gate: it starts in a moment.

use serde_json::{Value, json};

use crate::served::{Initialising, Place, Served};
use crate::servers::Servers;

pub const OWN: Served = Served {
    options: &["--general-log", "--general-log-file=../logins"],
    accepted: Some(|servers| servers.lines(LOG, |line| line.contains("Connect\tconnprobe@127.0.0.1 on demo"))),
    refused: Some(|servers, user| {
        let words = format!("Access denied for user '{user}'@");
        servers.lines(LOG, |line| line.contains(&words))
    }),
    user: Some(
        "socket=$MARIADB_SOCKET mariadb_client -e \
         \"create user late@127.0.0.1 identified by 'CANARY-late'; grant all on demo.* to late@127.0.0.1\"",
    ),
    place: Some(Place {
        fields: || json!({"schema": "later", "login": "globaluser", "password": "right"}),
        reason: "database_not_found",
        made: "socket=$MARIADB_SOCKET mariadb_client -e 'create database later'",
    }),
    initialising: Some(Initialising { options: &["--skip-networking"], ready: "mariadbd: ready for connections" }),
    ..Served::of(("mariadb", "mariadb", "MARIADB_PORT"), definition, SUITE)
};

const LOG: &str = "mariadb/logins";
const SUITE: &str =
    "mariadb --no-defaults -h 127.0.0.1 -P $MARIADB_PORT -u connprobe -pconnprobe-demo demo -e 'select 1'";

fn definition(servers: &Servers) -> Value {
    json!({"conn_type": "mysql", "host": "127.0.0.1", "port": servers.port(&OWN), "schema": "demo",
        "login": "connprobe", "password": "connprobe-demo"})
}
