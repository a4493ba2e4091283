//! MongoDB.

use super::{Driver, Plan, Refusal, Spec};
use crate::model::connection::Connection;

/// The MongoDB driver.
pub struct Mongodb;

static SPEC: Spec = Spec {
    name: "mongodb",
    product: "MongoDB",
    types: &[("mongodb", 27017)],
    schema: "database",
    extras: &[],
    extras_ignore_case: false,
    blocks_after_interruptions: false,
};

impl Driver for Mongodb {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn plan(&self, _connection: &Connection) -> Result<Plan, Refusal> {
        todo!()
    }
}
