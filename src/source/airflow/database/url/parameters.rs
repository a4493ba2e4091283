//! Converts the parameters of a URL into extras of connprobe's drivers.

use serde_json::{Map, Value, json};

use super::parts::Parts;
use crate::model::extra;
use crate::model::reason::unusable::Metadata;
use crate::sql::Kind;

/// The parameters are keywords of libpq. Only `ssl` is a word of asyncpg, for libpq's `sslmode`.
pub(super) fn of_postgres(parts: &Parts<'_>) -> Map<String, Value> {
    let spec = Kind::Postgres.spec();
    let mut extra = Map::new();
    for (name, value) in &parts.query {
        match name.as_str() {
            // Each parameter has one host of the list, or all hosts.
            "host" => {
                let hosts: Vec<&str> =
                    parts.query.iter().filter(|(name, _)| name == "host").map(|(_, host)| host.as_str()).collect();
                extra.insert("host".to_owned(), json!(hosts.join(",")));
            }
            "ssl" if extra::flag(&json!(value.as_str())).is_none() => {
                extra.insert("sslmode".to_owned(), json!(value.as_str()));
            }
            name if spec.extra(name).is_some() => {
                extra.insert(name.to_owned(), json!(value.as_str()));
            }
            _ => {}
        }
    }
    extra
}

/// The parameters of mysqlclient, PyMySQL and Connector/Python, which differ only in those of TLS.
pub(super) fn of_mysql(parts: &Parts<'_>, driver: &str) -> Result<Map<String, Value>, Metadata> {
    if parts.query.iter().any(|(name, _)| name.starts_with("read_default_")) {
        return Err(Metadata::OptionFile);
    }
    let mut extra = Map::new();
    let mut ssl = Map::new();
    for (name, key) in [("ssl_ca", "ca"), ("ssl_cert", "cert"), ("ssl_key", "key"), ("ssl_capath", "capath")] {
        if let Some(value) = parts.parameter(name) {
            ssl.insert(key.to_owned(), json!(value));
        }
    }
    if let Some(mode) = parts.parameter("ssl_mode").or_else(|| mysql_mode(parts, driver)) {
        extra.insert("ssl_mode".to_owned(), json!(mode));
    }
    match parts.parameter("ssl").map(|value| (value, extra::flag(&json!(value)))) {
        _ if !ssl.is_empty() => extra.insert("ssl".to_owned(), Value::Object(ssl)),
        Some((_, Some(flag))) => extra.insert("ssl".to_owned(), json!(flag)),
        Some((object, None)) => extra.insert("ssl".to_owned(), json!(object)),
        None => None,
    };
    if let Some(path) = parts.parameter("unix_socket") {
        extra.insert("unix_socket".to_owned(), json!(path));
    }
    Ok(extra)
}

/// The `ssl_mode` that the other parameters of these drivers amount to.
fn mysql_mode(parts: &Parts<'_>, driver: &str) -> Option<&'static str> {
    let flag = |name| parts.parameter(name).and_then(|value| extra::flag(&json!(value)));
    // If PyMySQL checks the chain, it also checks the name, unless a parameter turns that off.
    let checks_name = ["pymysql", "aiomysql"].contains(&driver) && flag("ssl_check_hostname") != Some(false);
    if flag("ssl_disabled") == Some(true) {
        Some("DISABLED")
    } else if flag("ssl_verify_identity") == Some(true) || (checks_name && parts.parameter("ssl_ca").is_some()) {
        Some("VERIFY_IDENTITY")
    } else if flag("ssl_verify_cert") == Some(true) {
        Some("VERIFY_CA")
    } else {
        None
    }
}
