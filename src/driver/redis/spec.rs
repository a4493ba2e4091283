//! The spec of the Redis driver: its types, its extras, and what makes a login `ok`.

use super::codes::CODES;
use super::sniff::PROTOCOL;
use super::synonyms::SYNONYMS;
use crate::driver::extras::{ExtraSpec, StandIn, irrelevant, over, secret, unsupported, used};
use crate::driver::{Proof, Spec};
use crate::model::expected::ExpectedKind;

pub(in crate::driver) static SPEC: Spec = Spec::new("redis", "Redis", TYPES, PROOF)
    .schema("the number of the database, where extra `db` names none")
    .extras(EXTRAS)
    .stand_ins(&[STAND_IN])
    .synonyms(SYNONYMS)
    .codes(&CODES)
    .protocol(&PROTOCOL)
    .expects(&[ExpectedKind::Key]);

const TYPES: &[(&str, u16)] = &[("redis", 6379), ("valkey", 6379), ("rediss", 6379), ("keydb", 6379)];

const PROOF: Proof = Proof::explicit(
    "OK to AUTH, and an answer to PING; where the server asks for no login, or knows no password, warning `login_not_demanded`; of a user whom the server lets in with any password (`nopass`) it says nothing",
);

const STAND_IN: StandIn = over("schema", "db");

const EXTRAS: &[ExtraSpec] = &[
    used("db", "the number of the database (default: 0)"),
    used("ssl", "true: encrypt the connection, as the type `rediss` does"),
    used("ssl_cert_reqs", "`required` (the default) or `optional`: verify the server; `none` or null: encrypt only"),
    used("ssl_check_hostname", "false: verify the certificate, but not the name in it"),
    used("ssl_ca_certs", "the authorities to trust, as a PEM file or its text (default: the system's)"),
    secret("ssl_certfile", "the client certificate, as a PEM file or its text"),
    secret("ssl_keyfile", "its key, as a PEM file or its text"),
    used("cluster", "true: the server is a node of a cluster, which has the database 0 only"),
    used(
        "startup_nodes",
        "with `cluster`: more nodes, as `h2:6379,h3:6379`; one is asked where those before do not answer",
    ),
    unsupported("sentinels", "a server whose address a Sentinel knows"),
    unsupported("master_name", "a server whose address a Sentinel knows"),
    irrelevant("decode_responses", "how the Python client reads values"),
    irrelevant("health_check_interval", "how long the Python client trusts a connection"),
    irrelevant("max_connections", "size of a connection pool"),
    irrelevant("retry_on_timeout", "retries of a running client"),
    irrelevant("socket_connect_timeout", "ignored by Airflow"),
    irrelevant("socket_timeout", "ignored by Airflow"),
];
