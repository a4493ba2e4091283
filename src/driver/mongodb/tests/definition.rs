//! A definition, and its plan.

use std::path::PathBuf;

use serde_json::Value;

use super::super::Mongodb;
use crate::driver::{Driver, Plan, Refusal};
use crate::model::connection::{Connection, Origin};
use crate::model::extra::Extra;
use crate::model::secret::Secret;

/// The definition with `fields`; host and type have defaults if they are absent.
pub(in crate::driver::mongodb) fn connection(fields: &Value) -> Connection {
    let origin = Origin { source: "test".into(), line: None, pointer: String::new(), occurrence: 0 };
    let text = |key: &str| fields[key].as_str().map(str::to_owned);
    let mut connection = Connection::new(origin);
    connection.conn_type = text("type").or_else(|| Some("mongo".to_owned()));
    connection.host = text("host").or_else(|| Some("db1".to_owned()));
    connection.port = fields["port"].as_u64().map(|port| u16::try_from(port).unwrap());
    connection.schema = text("schema");
    connection.login = text("login");
    connection.password = text("password").map(Secret::new);
    connection.extra = Extra::new(fields["extra"].as_object().cloned().unwrap_or_default());
    connection.directory = Some(PathBuf::from("/conf"));
    connection
}

pub(in crate::driver::mongodb) fn plan(fields: &Value) -> Result<Plan, Refusal> {
    Mongodb.plan(&connection(fields))
}
