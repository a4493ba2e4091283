//! The driver; `plan` makes its plans.

use super::spec::SPEC;
use super::{account, options};
use crate::driver::{Driver, Plan, Refusal, Spec};
use crate::model::connection::Connection;

/// The SQL Server driver.
pub struct Mssql;

impl Driver for Mssql {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    #[cfg(any(fuzzing, test))]
    fn fuzz(&self) -> Option<&'static crate::driver::fuzzing::Fuzz> {
        Some(&super::fuzzing::FUZZ)
    }

    fn folded_login(&self, login: &str) -> String {
        account::folded(login)
    }

    fn plan(&self, connection: &Connection) -> Result<Plan, Refusal> {
        options::plan(connection)
    }
}
