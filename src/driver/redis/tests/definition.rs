//! A definition.

use serde_json::Value;

use crate::model::connection::{Connection, Origin};
use crate::model::extra::Extra;
use crate::model::secret::Secret;

/// The definition with these fields; for `db1.example` unless it names a host.
pub(super) fn connection(fields: &Value) -> Connection {
    let origin = Origin { source: "test".to_owned(), line: None, pointer: String::new(), occurrence: 0 };
    let text = |key: &str| fields[key].as_str().map(str::to_owned);
    Connection {
        conn_type: text("conn_type").or_else(|| Some("redis".to_owned())),
        host: text("host").or_else(|| Some("db1.example".to_owned())),
        port: fields["port"].as_u64().map(|port| u16::try_from(port).unwrap()),
        login: text("login"),
        password: text("password").map(Secret::new),
        schema: text("schema"),
        extra: Extra::new(fields["extra"].as_object().cloned().unwrap_or_default()),
        ..Connection::new(origin)
    }
}
