//! A definition, and its plan.

use std::path::PathBuf;

use serde_json::Value;

use super::super::Mongodb;
use crate::driver::tests::definition;
use crate::driver::{Driver, Plan, Refusal};
use crate::model::connection::Connection;

/// The definition with `fields`; for `db1` unless it names a host.
pub(in crate::driver::mongodb) fn connection(fields: &Value) -> Connection {
    let mut connection = definition::connection("mongo", fields);
    connection.host.get_or_insert_with(|| "db1".to_owned());
    connection.directory = Some(PathBuf::from("/conf"));
    connection
}

pub(in crate::driver::mongodb) fn plan(fields: &Value) -> Result<Plan, Refusal> {
    Mongodb.plan(&connection(fields))
}
