//! The commands that manage the store, through the binary: what they print, what they save, how they end.

mod accounts;
mod add;
mod bounded;
mod circumstances;
mod clock;
mod controls;
mod ended;
mod export;
mod force;
mod garage;
mod home;
mod import;
mod import_check;
mod in_clear;
mod interrupted;
mod late;
mod live;
mod locking;
mod looks;
#[path = "../support/names.rs"]
mod names;
mod once;
mod outputs;
mod peers;
#[path = "../support/postgres.rs"]
mod postgres;
mod prompt;
mod proofs;
#[expect(dead_code, reason = "not every test needs all of it")]
#[path = "../support/schema.rs"]
mod schema;
#[path = "../support/servers.rs"]
mod servers;
mod several_outputs;
#[path = "../support/snapshot.rs"]
mod snapshot;
mod spellings;
mod state;
mod store;
mod terminal;
mod unprivileged;
mod unwritable;
