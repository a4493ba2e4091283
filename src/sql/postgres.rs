//! A session of PostgreSQL, for reading tables and for the store.

use std::time::Duration;

use super::Session;
use crate::driver::Cell;
use crate::model::failure::Failure;

/// A session, and the function that logs in.
pub use crate::driver::postgres::{Session as Client, connect};

impl Session for Client<'_> {
    const QUOTE: char = '"';
    /// The second code is that of a schema that does not exist.
    const NO_TABLE: &'static [&'static str] = &["42P01", "3F000"];
    const NO_RIGHT: &'static str = "42501";

    /// A server does not notice that the client has closed the connection while a statement waits for a lock, and it
    /// waits for a client that was stopped in the middle of a transaction. Only settings that the server has are set.
    fn opening(limit: Duration) -> Vec<String> {
        let limit = limit.as_millis() + 1000;
        let limits = "'statement_timeout', 'idle_in_transaction_session_timeout'";
        let set = format!("SELECT set_config(name, '{limit}', true) FROM pg_settings WHERE name IN ({limits})");
        vec!["BEGIN READ ONLY".to_owned(), set]
    }

    async fn each(&mut self, query: &str, take: impl FnMut(Vec<Cell<'_>>)) -> Result<Vec<String>, Failure> {
        self.each(query, take).await
    }

    async fn close(self) {
        self.close().await;
    }
}
