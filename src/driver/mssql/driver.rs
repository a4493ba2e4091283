//! The driver, whose plans `plan` makes.

use super::spec::SPEC;
use super::{account, plan};
use crate::driver::{Driver, Plan, Refusal, Spec};
use crate::model::connection::Connection;

/// The SQL Server driver.
pub struct Mssql;

impl Driver for Mssql {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn folded_login(&self, login: &str) -> String {
        account::folded(login)
    }

    fn plan(&self, connection: &Connection) -> Result<Plan, Refusal> {
        plan::plan(connection)
    }
}
