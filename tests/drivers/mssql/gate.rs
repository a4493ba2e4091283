//! The stand-in for SQL Server at the gate.

use serde_json::{Value, json};

use crate::served::Served;
use crate::servers::Servers;

pub const OWN: Served = Served {
    accepted: Some(|servers| servers.lines(LOG, |line| line == "login sa master ok")),
    refused: Some(|servers, user| {
        let login = format!("login {user} master 18456");
        servers.lines(LOG, |line| line == login)
    }),
    ..Served::of(("sqlserver", "sqlserver-off", "SQLSERVER_OFF_PORT"), definition, SUITE)
};

const LOG: &str = "sqlserver-off/log";
const SUITE: &str = r#""$VENV/bin/python" -c "
import pytds
pytds.connect('127.0.0.1', port=$SQLSERVER_OFF_PORT, user='sa', password='Connprobe-Demo-1', database='master',
    login_timeout=10, disable_connect_retry=True, cafile='$PKI_DIR/ca.pem', validate_host=False, enc_login_only=True).close()
""#;

fn definition(servers: &Servers) -> Value {
    json!({"conn_type": "mssql", "host": "127.0.0.1", "port": servers.port(&OWN), "schema": "master",
        "login": "sa", "password": "Connprobe-Demo-1"})
}
