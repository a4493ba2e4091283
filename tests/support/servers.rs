//! Reads what the start of the test servers wrote: their addresses, and the certificate authorities of the tests.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::LazyLock;

/// A value that the start of the servers wrote, such as `PG_PORT`.
pub fn server(key: &str) -> String {
    static SERVERS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
        let directory = std::env::var_os("CONNPROBE_SERVERS")
            .map(PathBuf::from)
            .expect("the test servers are not running: run `make test`, which starts them");
        let file = directory.join("servers.env");
        let text = std::fs::read_to_string(&file)
            .unwrap_or_else(|error| panic!("the test servers left no {}: {error}; run `make test`", file.display()));
        text.lines()
            .filter_map(|line| line.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.trim_matches(['"', '\'']).to_owned()))
            .collect()
    });
    SERVERS.get(key).unwrap_or_else(|| panic!("the server that gives {key} is not running: run `make test`")).clone()
}

/// A port of [`server`].
pub fn port(key: &str) -> u16 {
    server(key).parse().expect("a port")
}

/// The path of a file of the test authorities, such as `ca.pem`.
pub fn pki(name: &str) -> String {
    PathBuf::from(server("PKI_DIR")).join(name).display().to_string()
}
