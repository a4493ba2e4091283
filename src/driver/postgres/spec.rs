//! The spec of the PostgreSQL driver: its types, its extras, and what makes a login `ok`.

use super::codes::CODES;
use super::extras;
use super::sniff::PROTOCOL;
use super::synonyms::SYNONYMS;
use crate::driver::extras::{StandIn, over};
use crate::driver::{Proof, Spec};
use crate::model::expected::ExpectedKind;
use crate::model::reason::ReasonCode;

pub(in crate::driver) static SPEC: Spec = Spec::new("postgres", "PostgreSQL", TYPES, PROOF)
    .schema("the database; the login's name when absent")
    .extras(extras::EXTRAS)
    .stand_ins(STAND_INS)
    .synonyms(SYNONYMS)
    .codes(&CODES)
    .protocol(&PROTOCOL)
    .expects(&[ExpectedKind::Table, ExpectedKind::Query])
    .sends_to_log(SENDS_TO_LOG)
    .inside_databases(&["public", "pg_catalog", "information_schema"]);

const SENDS_TO_LOG: &[ReasonCode] = &[
    ReasonCode::BackendDown,
    ReasonCode::PasswordNotTaken,
    ReasonCode::ProxyRefused,
    ReasonCode::StartingUp,
    ReasonCode::TokenInvalid,
];

const TYPES: &[(&str, u16)] = &[
    ("postgres", 5432),
    ("postgresql", 5432),
    ("pgsql", 5432),
    ("timescaledb", 5432),
    ("alloydb", 5432),
    ("redshift", 5439),
    ("cockroachdb", 26257),
    ("cockroach", 26257),
];

const PROOF: Proof = Proof::explicit(
    "AuthenticationOk after the server has asked for the password (with SCRAM after it has proved that it knows it too), and a query that is answered; where it asks for none (trust, peer, a client certificate), warning `password_not_checked`, or `login_not_demanded` where the definition has neither password nor certificate",
);

const STAND_INS: &[StandIn] = &[
    over("host", "host"),
    over("port", "port"),
    over("login", "user"),
    over("password", "password"),
    over("schema", "dbname"),
    over("schema", "database"),
];
