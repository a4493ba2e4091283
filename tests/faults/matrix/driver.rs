//! The drivers, and the simplest definition for each.

use serde_json::{Value, json};

use crate::speech::{CANARY, LOGIN};

/// A driver of the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Driver {
    Postgres,
    Mysql,
    Mssql,
    Mongodb,
    Redis,
    S3,
    Http,
}

pub use Driver::{Http, Mongodb, Mssql, Mysql, Postgres, Redis, S3};

impl Driver {
    /// All of them.
    pub const ALL: [Self; 7] = [Postgres, Mysql, Mssql, Mongodb, Redis, S3, Http];

    /// As in results.
    pub fn name(self) -> &'static str {
        match self {
            Postgres => "postgres",
            Mysql => "mysql",
            Mssql => "mssql",
            Mongodb => "mongodb",
            Redis => "redis",
            S3 => "s3",
            Http => "http",
        }
    }

    /// A definition for a server at `host` and `port`, as simple as it can be; with TLS that trusts the
    /// `authority`, if there is one, and verifies everything.
    pub fn definition(self, host: &str, port: u16, authority: Option<&str>) -> Value {
        let mut definition =
            json!({"conn_type": self.name(), "host": host, "port": port, "login": LOGIN, "password": CANARY});
        definition["extra"] = match (self, authority) {
            (S3, _) => {
                definition["schema"] = json!("lake");
                let scheme = if authority.is_some() { "https" } else { "http" };
                let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
                json!({"endpoint_url": format!("{scheme}://{host}:{port}"), "verify": authority.map_or(json!(true), Value::from)})
            }
            (Http, _) => {
                definition["schema"] = json!(if authority.is_some() { "https" } else { "http" });
                authority.map_or_else(|| json!({}), |pem| json!({"verify": pem}))
            }
            (_, None) => json!({}),
            (Postgres, Some(pem)) => json!({"sslmode": "verify-full", "sslrootcert": pem}),
            (Mysql, Some(pem)) => json!({"ssl_mode": "VERIFY_IDENTITY", "ssl": {"ca": pem}}),
            (Mssql, Some(pem)) => json!({"Encrypt": "yes", "cafile": pem}),
            (Mongodb, Some(pem)) => json!({"tls": true, "tlsCAFile": pem}),
            (Redis, Some(pem)) => json!({"ssl": true, "ssl_ca_certs": pem}),
        };
        definition
    }
}
