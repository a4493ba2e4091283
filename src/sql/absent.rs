//! A client for a kind of database whose driver is not built in: no login is possible.

use std::convert::Infallible;
use std::time::Duration;

use super::Session;
use crate::driver::{Attempt, Cell, Registry};
use crate::engine;
use crate::model::connection::Connection;
use crate::model::failure::Failure;
use crate::model::reason::Machine;

/// A session that cannot exist.
pub struct Client(Infallible);

/// Returns the failure that the driver is not built in.
///
/// # Errors
///
/// Always.
#[expect(clippy::unused_async, reason = "a driver that is built in waits here")]
pub async fn connect(connection: &Connection, _attempt: &Attempt) -> Result<Client, Failure> {
    let (driver, planned) = engine::plan(connection, Registry::builtin());
    let name = driver.map_or("sql", |driver| driver.spec().name);
    Err(planned
        .map_or_else(|refusal| refusal.into_failure(), |_| Failure::of(Machine::DriverPanicked { driver: name })))
}

impl Session for Client {
    const QUOTE: char = '"';
    const NO_TABLE: &'static [&'static str] = &[];
    const NO_RIGHT: &'static str = "";

    fn opening(_limit: Duration) -> Vec<String> {
        Vec::new()
    }

    async fn each(&mut self, _query: &str, _take: impl FnMut(Vec<Cell<'_>>)) -> Result<Vec<String>, Failure> {
        match self.0 {}
    }

    async fn close(self) {
        match self.0 {}
    }
}
