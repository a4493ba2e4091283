//! The matrix driver × outcome against real servers, through the binary as a user runs it.
//!
//! The servers are started by `make test`; without them every test here fails and says so.

#[macro_use]
#[path = "../drivers/list.rs"]
mod list;

mod cases;
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
