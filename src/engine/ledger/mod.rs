//! The ledger of accounts: remembers logins within a run, between runs and across processes, so that no account is
//! locked. The rules are pure (`rules`, over `entry` and `book`); `memory` and `file` keep the book.

mod account;
mod book;
mod digest;
mod ending;
mod entry;
mod file;
mod journal;
mod line;
mod login;
mod memory;
mod named;
mod owner;
mod people;
mod regular;
mod rules;
mod seam;
mod server;
#[cfg(test)]
pub(in crate::engine) mod testing;
#[cfg(test)]
mod tests;
mod warnings;

pub use self::account::Account;
pub(super) use self::account::{User, place};
pub use self::file::{FileLedger, OpenError, files, is_key_of_ledger};
pub use self::journal::is_ledger;
pub use self::login::{Login, Who};
pub use self::memory::MemoryLedger;
pub use self::people::{Line, ServerLine, server_shown};
pub use self::rules::{Early, Ending, Hold, Why};
pub use self::seam::{Begin, End, Ledger, NotForgotten, Past};
pub(super) use self::server::INTERRUPTIONS;
pub(super) use self::warnings::warnings;
use crate::clock;
pub use crate::clock::{Clock, Moment};
pub use crate::driver::Evidence;
