//! The servers that `tests/servers/up` starts, and a good definition for each. Every driver lists its own in
//! `transcript.rs`.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::proxy::Spoken;
use super::transcript::Transcript;
use crate::matrix::drivers;
use crate::recorded::ALL;
use crate::speech::Driver;

/// A driver's real servers, and how their logins are recorded.
pub struct Recorded {
    /// The running servers, in clear and with TLS.
    pub servers: fn() -> Vec<Server>,
    /// Finds the turns of a good login in a recorded dialogue.
    pub read: fn(&Spoken) -> Transcript,
    /// Changes the fields of a definition, other than `port`, that contain the server's port.
    pub lead: fn(&mut Value, u16),
}

/// One server, in clear or with TLS.
pub struct Server {
    pub name: &'static str,
    pub port: u16,
    /// Whether the dialogue can be read byte by byte.
    pub in_clear: bool,
    /// The fields of a good definition, without host and port.
    pub fields: Value,
}

/// The server `name`, at the port that the start script of the servers wrote under `key`.
pub fn server(name: &'static str, key: &str, in_clear: bool, fields: Value) -> Server {
    Server { name, port: value(key).parse().expect("a port"), in_clear, fields }
}

/// Fields with the right password of `login` and the database that exists for the tests.
pub fn right(login: &str, extra: &Value) -> Value {
    json!({"login": login, "password": "right", "schema": "appdb", "extra": extra})
}

impl Server {
    /// A definition of `driver` that leads to `port`.
    pub fn definition(&self, (driver, recorded): Of, port: u16) -> Value {
        let mut definition = self.fields.clone();
        definition["conn_type"] = json!(driver.name);
        definition["host"] = json!("127.0.0.1");
        definition["port"] = json!(port);
        (recorded.lead)(&mut definition, port);
        definition
    }
}

/// The driver that a server belongs to.
pub type Of = (Driver, &'static Recorded);

/// The servers of all drivers.
pub fn servers() -> Vec<(Of, Server)> {
    let recorded = drivers().zip(ALL).map(|(driver, (_, recorded))| (driver, recorded));
    recorded.flat_map(|of| (of.1.servers)().into_iter().map(move |server| (of, server))).collect()
}

/// A value that the start script of the servers wrote, such as `PG_PORT`.
pub fn value(key: &str) -> String {
    static VALUES: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
        let directory = std::env::var_os("CONNPROBE_SERVERS")
            .map(PathBuf::from)
            .expect("the test servers are not running: run `make test`, which starts them");
        let text = std::fs::read_to_string(directory.join("servers.env")).expect("servers.env");
        let lines = text.lines().filter_map(|line| line.split_once('='));
        lines.map(|(key, value)| (key.to_owned(), value.trim_matches(['"', '\'']).to_owned())).collect()
    });
    VALUES.get(key).unwrap_or_else(|| panic!("the server that gives {key} is not running: run `make test`")).clone()
}
