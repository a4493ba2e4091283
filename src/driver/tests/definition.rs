//! A definition from JSON, as a source would read it.

use serde_json::Value;

use crate::model::connection::{Connection, Origin};
use crate::model::extra::Extra;
use crate::model::secret::Secret;

/// The connection with these `fields`, of the type `conn_type` unless they name one. Panics if there are other fields
/// than those of a stored connection.
pub(in crate::driver) fn connection(conn_type: &str, fields: &Value) -> Connection {
    let origin = Origin { source: "test".to_owned(), line: None, pointer: String::new(), occurrence: 0 };
    let mut connection = Connection { conn_type: Some(conn_type.to_owned()), ..Connection::new(origin) };
    for (field, value) in fields.as_object().unwrap() {
        let text = || value.as_str().map(str::to_owned);
        match field.as_str() {
            "conn_type" => connection.conn_type = text(),
            "host" => connection.host = text(),
            "port" => connection.port = value.as_u64().map(|port| u16::try_from(port).unwrap()),
            "schema" => connection.schema = text(),
            "login" => connection.login = text(),
            "password" => connection.password = text().map(Secret::new),
            "extra" => connection.extra = Extra::new(value.as_object().cloned().unwrap_or_default()),
            other => panic!("`{other}` is no field of a connection"),
        }
    }
    connection
}
