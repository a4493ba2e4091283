//! What the SQL Server driver says of itself: the types, the extras, and what makes `ok` of a login.

use super::extras;
use crate::driver::extras::over;
use crate::driver::{Proof, Spec};

pub(super) static SPEC: Spec = Spec {
    name: "mssql",
    product: "SQL Server",
    types: &[("mssql", 1433), ("sqlserver", 1433), ("azure_sql", 1433)],
    schema: "the database to log in to; without it, the login's default database",
    extras: extras::EXTRAS,
    stand_ins: &[over("host", "host")],
    // ODBC's keywords are; pymssql's are all lower case.
    extras_ignore_case: true,
    blocks_after_interruptions: false,
    proof: Proof::by_code("LOGINACK, and a query that is answered"),
};
