//! The servers that `tests/servers/up` starts, and a good definition for each: every driver has its own in `transcript.rs`.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::proxy::Spoken;
use super::transcript::Transcript;
use crate::matrix::drivers;
use crate::recorded::ALL;
use crate::speech::Driver;

/// What is recorded of a driver's real servers.
pub struct Recorded {
    /// In clear and with TLS; they have to be running.
    pub servers: fn() -> Vec<Server>,
    /// Where the turns of a good login are in what was said.
    pub read: fn(&Spoken) -> Transcript,
    /// What else than the port leads a definition to it.
    pub lead: fn(&mut Value, u16),
}

/// One server, in clear or with TLS.
pub struct Server {
    pub name: &'static str,
    pub port: u16,
    /// What is said can be told apart, byte by byte.
    pub in_clear: bool,
    /// What a good definition has besides its place.
    pub fields: Value,
}

/// The server `name` at the port that the start of the servers left as `key`.
pub fn server(name: &'static str, key: &str, in_clear: bool, fields: Value) -> Server {
    Server { name, port: value(key).parse().expect("a port"), in_clear, fields }
}

/// The right login of `login` to the database that is there for it.
pub fn right(login: &str, extra: &Value) -> Value {
    json!({"login": login, "password": "right", "schema": "appdb", "extra": extra})
}

impl Server {
    /// A definition of `driver` that leads to `port` instead.
    pub fn definition(&self, (driver, recorded): Of, port: u16) -> Value {
        let mut definition = self.fields.clone();
        definition["conn_type"] = json!(driver.name);
        definition["host"] = json!("127.0.0.1");
        definition["port"] = json!(port);
        (recorded.lead)(&mut definition, port);
        definition
    }
}

/// Whose server it is.
pub type Of = (Driver, &'static Recorded);

/// All of them.
pub fn servers() -> Vec<(Of, Server)> {
    let recorded = drivers().zip(ALL).map(|(driver, (_, recorded))| (driver, recorded));
    recorded.flat_map(|of| (of.1.servers)().into_iter().map(move |server| (of, server))).collect()
}

/// A value that the start of the servers left, as `PG_PORT`.
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
