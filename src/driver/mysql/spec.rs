//! The spec of the MySQL driver: its types, its extras, and what makes a login `ok`.

use super::codes::CODES;
use super::sniff::PROTOCOL;
use super::synonyms::SYNONYMS;
use crate::driver::extras::{ExtraSpec, irrelevant, secret, unsupported, used};
use crate::driver::{Proof, Spec};
use crate::model::expected::ExpectedKind;
use crate::model::reason::ReasonCode;

pub(in crate::driver) static SPEC: Spec = Spec::new("mysql", "MySQL", TYPES, PROOF)
    .schema("database")
    .extras(EXTRAS)
    .synonyms(SYNONYMS)
    .codes(&CODES)
    .protocol(&PROTOCOL)
    .expects(&[ExpectedKind::Table, ExpectedKind::Query])
    .sends_to_log(&[ReasonCode::SessionEnded])
    .blocks_after_interruptions();

const TYPES: &[(&str, u16)] = &[("mysql", 3306), ("mariadb", 3306), ("aurora_mysql", 3306), ("tidb", 4000)];

const PROOF: Proof = Proof::by_code(
    "the server takes the login (OK packet) and answers a query; where the account has no password, none was checked",
);

const EXTRAS: &[ExtraSpec] = &[
    used("ssl_mode", "DISABLED, PREFERRED (the default), REQUIRED, VERIFY_CA or VERIFY_IDENTITY"),
    secret("ssl", "an object, or JSON text: `ca`, `cert`, `key` as path or PEM text; `ca` alone means VERIFY_CA"),
    used("unix_socket", "the server's socket, where `host` is absent or `localhost`"),
    used("get_server_public_key", "true lets a password go without TLS, encrypted with the key that the server gives"),
    used("charset", "the character set that the session is given"),
    used("client", "`mysql-connector-python` reads `ssl_ca`, `ssl_cert`, `ssl_key` and the like beside `ssl`"),
    secret("ssl_ca", "as `ca` in `ssl`, for the client `mysql-connector-python` only"),
    secret("ssl_cert", "as `cert` in `ssl`, for the client `mysql-connector-python` only"),
    secret("ssl_key", "as `key` in `ssl`, for the client `mysql-connector-python` only"),
    used("ssl_disabled", "as `ssl_mode` DISABLED, for the client `mysql-connector-python` only"),
    used("ssl_verify_cert", "as `ssl_mode` VERIFY_CA, for the client `mysql-connector-python` only"),
    used("ssl_verify_identity", "as `ssl_mode` VERIFY_IDENTITY, for the client `mysql-connector-python` only"),
    used("ssl-mode", "a misspelling of `ssl_mode`, which clients ignore"),
    used("sslmode", "PostgreSQL's word for `ssl_mode`, which clients ignore"),
    unsupported("iam", "a password that AWS issues"),
    irrelevant("aws_conn_id", "for `iam` only"),
    irrelevant("cursor", "how rows are fetched"),
    irrelevant("local_infile", "never allowed by connprobe"),
    irrelevant("init_command", "ignored by Airflow, and never run by connprobe"),
    irrelevant("connect_timeout", "ignored by Airflow"),
    irrelevant("read_timeout", "ignored by Airflow"),
    irrelevant("write_timeout", "ignored by Airflow"),
];
