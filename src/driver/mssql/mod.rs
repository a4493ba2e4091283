//! SQL Server: SQL logins over TDS, with every level of encryption.
//!
//! PRELOGIN and TLS are made here, so that certificates are judged as for every other driver and the
//! facts are known; tiberius speaks the rest over the channel that it is handed. No real SQL Server
//! was at hand when this was written: codes and texts are those of Microsoft's documentation, and
//! the dialogue was held to Microsoft's specification (MS-TDS, MC-SQLR) and to the behaviour of
//! FreeTDS and Microsoft's ODBC driver.

mod account;
mod encryption;
mod envelope;
mod extras;
#[cfg(any(fuzzing, test))]
pub(super) mod fuzzing;
mod greeting;
mod handover;
mod packet;
mod plan;
mod prelogin;
mod probe;
mod refusal;
mod route;
mod server;
#[cfg(test)]
mod tests;

use super::{Driver, Plan, Proof, Refusal, Spec};
use crate::model::connection::Connection;

/// The SQL Server driver.
pub struct Mssql;

static SPEC: Spec = Spec {
    name: "mssql",
    product: "SQL Server",
    types: &[("mssql", 1433), ("sqlserver", 1433), ("azure_sql", 1433)],
    schema: "the database to log in to; without it, the login's default database",
    extras: extras::EXTRAS,
    // ODBC's keywords are; pymssql's are all lower case.
    extras_ignore_case: true,
    blocks_after_interruptions: false,
    proof: Proof::by_code("LOGINACK, and a query that is answered"),
};

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
