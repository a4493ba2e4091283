//! S3.

use super::{Driver, Plan, Refusal, Spec};
use crate::model::connection::Connection;

/// The S3 driver.
pub struct S3;

static SPEC: Spec = Spec {
    name: "s3",
    product: "S3",
    types: &[("s3", 443)],
    schema: "database",
    extras: &[],
    extras_ignore_case: false,
    blocks_after_interruptions: false,
};

impl Driver for S3 {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn plan(&self, _connection: &Connection) -> Result<Plan, Refusal> {
        todo!()
    }
}
