//! All that needs no server: the command line, the engine against a scripted driver, the sources, hostile servers in this
//! process, and what documents and code must hold.

#[path = "../support/metadata.rs"]
mod airflow;
#[path = "../support/home.rs"]
mod home;
#[path = "../support/names.rs"]
mod names;
#[expect(dead_code, reason = "the tests with servers ask for more of it")]
#[path = "../support/peers.rs"]
mod peers;
#[path = "../support/process.rs"]
mod process;
#[path = "../support/schema.rs"]
mod published;
#[path = "../support/snapshot.rs"]
mod snapshot;
#[path = "../support/state.rs"]
mod state;

mod cli;
mod commands;
mod engine;
mod hints;
mod hostile;
mod readme;
mod schema;
mod sources;
mod tidy;
mod words;
