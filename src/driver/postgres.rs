//! PostgreSQL.

use super::{Driver, Plan, Refusal, Spec};
use crate::model::connection::Connection;

/// The PostgreSQL driver.
pub struct Postgres;

static SPEC: Spec = Spec {
    name: "postgres",
    product: "PostgreSQL",
    types: &[("postgres", 5432)],
    schema: "database",
    extras: &[],
    extras_ignore_case: false,
    blocks_after_interruptions: false,
};

impl Driver for Postgres {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn plan(&self, _connection: &Connection) -> Result<Plan, Refusal> {
        todo!()
    }
}
