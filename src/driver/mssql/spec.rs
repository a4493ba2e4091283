//! The spec of the SQL Server driver: its types, its extras, and what makes a login `ok`.

use super::codes::CODES;
use super::extras;
use super::sniff::PROTOCOL;
use super::synonyms::SYNONYMS;
use crate::driver::extras::over;
use crate::driver::{Proof, Spec};
use crate::model::reason::ReasonCode;

pub(in crate::driver) static SPEC: Spec = Spec::new("mssql", "SQL Server", TYPES, PROOF)
    .schema("the database to log in to; without it, the login's default database")
    .extras(extras::EXTRAS)
    .stand_ins(&[over("host", "host")])
    .synonyms(SYNONYMS)
    .codes(&CODES)
    .protocol(&PROTOCOL)
    .sends_to_log(SENDS_TO_LOG)
    .extras_ignore_case();

const SENDS_TO_LOG: &[ReasonCode] =
    &[ReasonCode::LoginRefused, ReasonCode::TlsVersionUnsupported, ReasonCode::Unavailable, ReasonCode::StartingUp];

const TYPES: &[(&str, u16)] = &[("mssql", 1433), ("sqlserver", 1433), ("azure_sql", 1433)];

const PROOF: Proof = Proof::by_code("LOGINACK, and a query that is answered");
