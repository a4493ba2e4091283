//! `FileLedger`: the book in a file that many processes share. Locked for each read and write, never for the run; what
//! several logins write at one moment is written together.

mod asked;
mod ends;
mod opening;
mod pending;
mod state;
mod turn;
mod under_way;

pub use self::opening::{FileLedger, OpenError, files, is_key_of_ledger};
