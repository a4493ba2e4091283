//! The servers that `tests/servers/up` starts, and a good definition for each.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::matrix::{Driver, Mongodb, Mssql, Mysql, Postgres, Redis, S3};

/// One server, in clear or with TLS.
pub struct Server {
    pub name: &'static str,
    pub driver: Driver,
    pub port: u16,
    /// What is said can be told apart, byte by byte.
    pub in_clear: bool,
    fields: Value,
}

impl Server {
    /// A definition that leads to `port` instead.
    pub fn definition(&self, port: u16) -> Value {
        let mut definition = self.fields.clone();
        definition["conn_type"] = json!(self.driver.name());
        definition["host"] = json!("127.0.0.1");
        definition["port"] = json!(port);
        if self.driver == S3 {
            definition["extra"]["endpoint_url"] = json!(format!("http://127.0.0.1:{port}"));
        }
        definition
    }
}

/// All of them.
pub fn servers() -> Vec<Server> {
    let server = |name, driver, key, in_clear, fields| Server { name, driver, port: port(key), in_clear, fields };
    let right =
        |login: &str, extra: Value| json!({"login": login, "password": "right", "schema": "appdb", "extra": extra});
    vec![
        server("PostgreSQL", Postgres, "PG_PORT", true, right("scramuser", json!({"sslmode": "disable"}))),
        server("MariaDB", Mysql, "MARIADB_PORT", true, right("native", json!({"ssl_mode": "DISABLED"}))),
        server(
            "MySQL",
            Mysql,
            "MYSQL_PORT",
            true,
            right("sha2user", json!({"ssl_mode": "DISABLED", "get_server_public_key": true})),
        ),
        server("TDS server", Mssql, "SQLSERVER_NONE_PORT", true, right("sa", json!({}))),
        server(
            "FerretDB",
            Mongodb,
            "MONGODB_PORT",
            true,
            json!({"login": "adminuser", "password": "right", "extra": {}}),
        ),
        server("Redis", Redis, "REDIS_PORT", true, json!({"login": "probe", "password": "right", "extra": {"db": 3}})),
        server("rclone", S3, "S3_PORT", true, {
            json!({"login": value("S3_ACCESS_KEY"), "password": value("S3_SECRET_KEY"), "schema": value("S3_BUCKET"), "extra": {}})
        }),
        server("PostgreSQL, TLS", Postgres, "PG_PORT", false, right("scramuser", json!({"sslmode": "require"}))),
        server("MariaDB, TLS", Mysql, "MARIADB_PORT", false, right("native", json!({"ssl_mode": "REQUIRED"}))),
        server("MySQL, TLS", Mysql, "MYSQL_PORT", false, right("sha2user", json!({"ssl_mode": "REQUIRED"}))),
        server("TDS server, TLS", Mssql, "SQLSERVER_ON_PORT", false, right("sa", json!({"encryption": "require"}))),
        server("FerretDB, TLS", Mongodb, "MONGODB_TLS_PORT", false, {
            json!({"login": "adminuser", "password": "right", "extra": {"tls": true, "tlsInsecure": true}})
        }),
        server("Redis, TLS", Redis, "REDIS_TLS_PORT", false, {
            json!({"login": "probe", "password": "right", "extra": {"ssl": true, "ssl_cert_reqs": "none"}})
        }),
    ]
}

/// A value that the start of the servers left, as `PG_PORT`.
fn value(key: &str) -> String {
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

fn port(key: &str) -> u16 {
    value(key).parse().expect("a port")
}
