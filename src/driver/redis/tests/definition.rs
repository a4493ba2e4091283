//! A definition.

use serde_json::Value;

use crate::driver::tests::definition;
use crate::model::connection::Connection;

/// The definition with these fields; for `db1.example` unless it names a host.
pub(super) fn connection(fields: &Value) -> Connection {
    let mut connection = definition::connection("redis", fields);
    connection.host.get_or_insert_with(|| "db1.example".to_owned());
    connection
}
