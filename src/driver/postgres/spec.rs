//! What the PostgreSQL driver says of itself: the types, the extras, and what makes `ok` of a login.

use super::extras;
use crate::driver::extras::over;
use crate::driver::{Proof, Spec};

pub(super) static SPEC: Spec = Spec {
    name: "postgres",
    product: "PostgreSQL",
    types: &[
        ("postgres", 5432),
        ("postgresql", 5432),
        ("pgsql", 5432),
        ("timescaledb", 5432),
        ("alloydb", 5432),
        ("redshift", 5439),
        ("cockroachdb", 26257),
        ("cockroach", 26257),
    ],
    schema: "the database; the login's name when absent",
    extras: extras::EXTRAS,
    stand_ins: &[
        over("host", "host"),
        over("port", "port"),
        over("login", "user"),
        over("password", "password"),
        over("schema", "dbname"),
        over("schema", "database"),
    ],
    extras_ignore_case: false,
    blocks_after_interruptions: false,
    proof: Proof::explicit(
        "AuthenticationOk after the server has asked for the password (with SCRAM after it has proved that it knows it too), and a query that is answered; where it asks for none (trust, peer, a client certificate), warning `password_not_checked`, or `login_not_demanded` where the definition has neither password nor certificate",
    ),
};
