//! The storage of definitions and accounts, with real servers: the store, Airflow's metadata database, and the ledger
//! with servers that lock accounts or count refusals. Separate from `live`, whose tests count the connections of a
//! server.
//!
//! `make test` starts the servers. Without them every test that needs one fails with that reason.

#[path = "../support/metadata.rs"]
mod airflow;
#[expect(dead_code, reason = "the tests without servers ask for more of it")]
#[path = "../support/home.rs"]
mod home;
#[path = "../support/names.rs"]
mod names;
#[expect(dead_code, reason = "the tests without servers ask for more of it")]
#[path = "../support/peers.rs"]
mod peers;
#[path = "../support/postgres.rs"]
mod postgres;
#[path = "../support/servers.rs"]
mod servers;
#[path = "../support/snapshot.rs"]
mod snapshot;
#[path = "../support/state.rs"]
mod state;
#[path = "../support/waiting.rs"]
mod waiting;

mod commands;
mod metadata;
mod store;
