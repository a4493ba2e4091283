//! `Session`: the use of a login to either kind of database.

use std::time::Duration;

use crate::driver::Cell;
use crate::model::failure::Failure;

#[expect(async_fn_in_trait, reason = "who holds a session waits for it on one thread")]
/// A session for reading tables.
pub trait Session {
    /// The character that quotes the names of tables and columns.
    const QUOTE: char;
    /// The codes for a table that does not exist.
    const NO_TABLE: &'static [&'static str];
    /// The code for a table that this user may not read.
    const NO_RIGHT: &'static str;

    /// The statements that begin a read-only transaction and set time limits slightly above `limit`, after which the
    /// server ends abandoned statements and sessions by itself.
    fn opening(limit: Duration) -> Vec<String>;

    /// Passes every row of `query` to `take`, and returns the names of the columns.
    ///
    /// # Errors
    ///
    /// The server's refusal, or the failure that broke the dialogue.
    async fn each(&mut self, query: &str, take: impl FnMut(Vec<Cell<'_>>)) -> Result<Vec<String>, Failure>;

    /// Ends the session as the protocol requires.
    async fn close(self);
}
