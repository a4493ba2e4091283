//! A session of PostgreSQL, to read the table in.

use std::time::Duration;

use super::server::Session;
use crate::driver::{Attempt, Cell, postgres};
use crate::model::connection::Connection;
use crate::model::failure::Failure;

pub(super) async fn open<'a>(connection: &Connection, attempt: &'a Attempt) -> Result<postgres::Session<'a>, Failure> {
    postgres::connect(connection, attempt).await
}

impl Session for postgres::Session<'_> {
    const QUOTE: char = '"';
    const NO_TABLE: &'static str = "42P01";
    const NO_RIGHT: &'static str = "42501";

    /// A server does not notice who hangs up while a statement waits for a lock.
    fn opening(limit: Duration) -> [String; 2] {
        let limit = limit.as_millis() + 1000;
        ["BEGIN READ ONLY".to_owned(), format!("SET LOCAL statement_timeout = {limit}")]
    }

    async fn each(&mut self, query: &str, take: impl FnMut(Vec<Cell<'_>>)) -> Result<Vec<String>, Failure> {
        self.each(query, take).await
    }

    async fn close(self) {
        self.close().await;
    }
}
