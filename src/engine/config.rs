//! What an engine is made of.

use std::fmt;
use std::sync::Arc;

use super::ledger::{Clock, Ledger, MemoryLedger};
use super::workers;

/// What an engine is made of; whatever is not set has a sound default.
#[derive(Clone)]
pub struct EngineConfig {
    pub(super) workers: usize,
    pub(super) concurrency: usize,
    pub(super) per_host: usize,
    pub(super) ledger: Arc<dyn Ledger>,
    pub(super) clock: Clock,
}

impl EngineConfig {
    /// So many threads that logins are made on, 1 at the least. Usually one more than the machine has processors, 3 at the
    /// least and 16 at the most.
    #[must_use]
    pub fn workers(self, workers: usize) -> Self {
        Self { workers, ..self }
    }

    /// No more of these threads than so many logins have use for, for an engine that makes no more.
    #[must_use]
    pub fn serving(self, logins: usize) -> Self {
        Self { workers: self.workers.min(workers::serving(logins)), ..self }
    }

    /// So many logins at once, in all; usually 64.
    #[must_use]
    pub fn concurrency(self, concurrency: usize) -> Self {
        Self { concurrency, ..self }
    }

    /// So many logins at once to one host; usually 4.
    #[must_use]
    pub fn per_host(self, per_host: usize) -> Self {
        Self { per_host, ..self }
    }

    /// Accounts are remembered in `ledger`; usually in memory, as long as the engine lives.
    #[must_use]
    pub fn ledger(self, ledger: Arc<dyn Ledger>) -> Self {
        Self { ledger, ..self }
    }

    /// Results tell the time of `clock`, and what is remembered grows old by it; usually this machine's. Deadlines do not go
    /// by it, nor does the ledger, which has its own.
    #[must_use]
    pub fn clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            workers: workers::usual(),
            concurrency: 64,
            per_host: 4,
            ledger: Arc::new(MemoryLedger::new(Clock::default())),
            clock: Clock::default(),
        }
    }
}

impl fmt::Debug for EngineConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { workers, concurrency, per_host, ledger: _, clock: _ } = self;
        let mut shown = f.debug_struct("EngineConfig");
        shown.field("workers", workers).field("concurrency", concurrency).field("per_host", per_host);
        shown.finish_non_exhaustive()
    }
}
