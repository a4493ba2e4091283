//! Tests the commands that manage the store and the ledger, through the binary: what they print, what they save, how
//! they end, and how quickly. They are separate from the other tests without servers, some of which keep the processors
//! busy.

#[path = "../support/home.rs"]
mod home;
#[path = "../support/names.rs"]
mod names;
#[expect(dead_code, reason = "the tests with servers ask for more of it")]
#[path = "../support/peers.rs"]
mod peers;
#[expect(dead_code, reason = "the tests of the schema ask for more of it")]
#[path = "../support/schema.rs"]
mod published;
#[path = "../support/snapshot.rs"]
mod snapshot;

mod accounts;
mod add;
mod bounded;
mod clock;
mod controls;
mod ended;
mod export;
mod force;
mod garage;
mod import;
mod import_check;
mod in_clear;
mod interrupted;
mod late;
mod looks;
mod once;
mod outputs;
mod prompt;
mod proofs;
mod reports;
mod several_outputs;
mod source_logins;
mod state;
mod store;
mod strangers;
mod terminal;
mod unprivileged;
mod unwritable;
mod verbose;
mod wait;
