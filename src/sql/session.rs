//! `Session`: what a login to either kind of database is good for, beside being a login.

use std::time::Duration;

use crate::driver::Cell;
use crate::model::failure::Failure;

#[expect(async_fn_in_trait, reason = "who holds a session waits for it on one thread")]
/// A session that tables are read in.
pub trait Session {
    /// What stands around the names of tables and columns.
    const QUOTE: char;
    /// The code of a table that does not exist.
    const NO_TABLE: &'static [&'static str];
    /// The code of a table that this user may not read.
    const NO_RIGHT: &'static str;

    /// What begins a transaction that can only read, and lets the server give up by itself what nobody
    /// waits for after `limit`.
    fn opening(limit: Duration) -> Vec<String>;

    /// Gives `take` every row of `query`, and returns the names of the columns.
    ///
    /// # Errors
    ///
    /// The server's refusal, or what broke the dialogue.
    async fn each(&mut self, query: &str, take: impl FnMut(Vec<Cell<'_>>)) -> Result<Vec<String>, Failure>;

    /// Says good-bye.
    async fn close(self);
}
