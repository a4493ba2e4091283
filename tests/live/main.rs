//! Runs the matrix of drivers and outcomes against real servers, with the binary.
//!
//! `make test` starts the servers. Without them every test here fails with that reason.

#[macro_use]
#[path = "../drivers/list.rs"]
mod list;

mod cases;
mod documents;
mod expectations;
#[path = "../support/process.rs"]
mod process;
#[path = "../support/snapshot.rs"]
mod snapshot;
#[path = "../support/state.rs"]
mod state;

#[path = "../drivers"]
mod drivers {
    of_every_driver! { live }
}
mod mariadb;
mod poolers;
mod secrets_backends;
