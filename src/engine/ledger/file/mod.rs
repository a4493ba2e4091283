//! `FileLedger`: the book in a file that many processes share. The file is locked for each read and write, never for
//! the run. Logins that write at the same moment write together.

mod acceptances;
mod asked;
mod opening;
mod pending;
mod state;
mod turn;
mod under_way;

pub use self::opening::{FileLedger, OpenError, files, is_key_of_ledger};
