//! `Waiting`: how a run waits until its servers are ready.

use std::time::Duration;

/// How a run waits until its servers are ready.
///
/// With it, each connection is tried again until it is ready or cannot become so. The pause between two attempts follows
/// from what the last one met; a refused login ends the wait.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waiting {
    /// The shortest pause between two attempts at one connection.
    pub interval: Duration,
    /// The number of logins in a row that have to be accepted, at least 300 ms apart. Images of databases start a
    /// temporary server first, while they initialise.
    pub stable: u32,
    /// A connection is ready once nothing answers at its address any more.
    pub invert: bool,
    /// One connection that cannot become ready does not end the wait for the others.
    pub keep_going: bool,
    /// The number of refused logins of an account, earlier ones included, up to which a refused login is repeated. The
    /// default is none.
    pub refusals: Option<u32>,
}

impl Default for Waiting {
    fn default() -> Self {
        Self { interval: Duration::ZERO, stable: 1, invert: false, keep_going: false, refusals: None }
    }
}
