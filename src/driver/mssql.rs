//! SQL Server.

use super::{Driver, Plan, Refusal, Spec};
use crate::model::connection::Connection;

/// The SQL Server driver.
pub struct Mssql;

static SPEC: Spec = Spec {
    name: "mssql",
    product: "SQL Server",
    types: &[("mssql", 1433)],
    schema: "database",
    extras: &[],
    extras_ignore_case: false,
    blocks_after_interruptions: false,
};

impl Driver for Mssql {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn plan(&self, _connection: &Connection) -> Result<Plan, Refusal> {
        todo!()
    }
}
