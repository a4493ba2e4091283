//! The commands that manage the store, through the binary: what they print, what they save, how they end.

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
mod several_outputs;
mod source_logins;
mod state;
mod store;
mod terminal;
mod unprivileged;
mod unwritable;
