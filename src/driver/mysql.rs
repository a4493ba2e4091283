//! MySQL.

use super::{Driver, Plan, Refusal, Spec};
use crate::model::connection::Connection;

/// The MySQL driver.
pub struct Mysql;

static SPEC: Spec = Spec {
    name: "mysql",
    product: "MySQL",
    types: &[("mysql", 3306)],
    schema: "database",
    extras: &[],
    extras_ignore_case: false,
    blocks_after_interruptions: false,
};

impl Driver for Mysql {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn plan(&self, _connection: &Connection) -> Result<Plan, Refusal> {
        todo!()
    }
}
