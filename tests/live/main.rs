//! The matrix driver × outcome against real servers, through the binary as a user runs it.
//!
//! The servers are started by `make test`; without them every test here fails and says so.

mod cases;
#[path = "../support/process.rs"]
mod process;
#[path = "../support/snapshot.rs"]
mod snapshot;
#[path = "../support/state.rs"]
mod state;

mod http;
mod mariadb;
mod mongodb;
mod mssql;
mod mysql;
mod poolers;
mod postgres;
mod redis;
mod s3;
mod secrets_backends;
