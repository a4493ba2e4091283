//! What the SQL Server driver says of itself: the types, the extras, and what makes `ok` of a login.

use super::codes::CODES;
use super::extras;
use crate::driver::extras::over;
use crate::driver::{Proof, Spec};

pub(super) static SPEC: Spec = Spec::new("mssql", "SQL Server", TYPES, PROOF)
    .schema("the database to log in to; without it, the login's default database")
    .extras(extras::EXTRAS)
    .stand_ins(&[over("host", "host")])
    .codes(&CODES)
    .extras_ignore_case();

const TYPES: &[(&str, u16)] = &[("mssql", 1433), ("sqlserver", 1433), ("azure_sql", 1433)];

const PROOF: Proof = Proof::by_code("LOGINACK, and a query that is answered");
