//! The configuration of an engine.

use std::fmt;
use std::sync::Arc;

use super::ledger::{Clock, Ledger, MemoryLedger};
use super::workers;

/// The configuration of an engine; every option has a default.
#[derive(Clone)]
pub struct EngineConfig {
    pub(super) workers: usize,
    pub(super) concurrency: usize,
    pub(super) per_host: usize,
    pub(super) ledger: Arc<dyn Ledger>,
    pub(super) clock: Clock,
}

impl EngineConfig {
    /// The number of threads that logins run on, at least 1. The default is the number of processors plus one, within 3
    /// and 16.
    #[must_use]
    pub fn workers(self, workers: usize) -> Self {
        Self { workers, ..self }
    }

    /// Limits the threads to what `logins` logins can use, for an engine that makes no more than these.
    #[must_use]
    pub fn serving(self, logins: usize) -> Self {
        Self { workers: self.workers.min(workers::serving(logins)), ..self }
    }

    /// The number of logins under way at once. The default is 64.
    #[must_use]
    pub fn concurrency(self, concurrency: usize) -> Self {
        Self { concurrency, ..self }
    }

    /// The number of logins under way at once to one host. The default is 4.
    #[must_use]
    pub fn per_host(self, per_host: usize) -> Self {
        Self { per_host, ..self }
    }

    /// Remembers accounts in `ledger`. The default is a ledger in memory, for the life of the engine.
    #[must_use]
    pub fn ledger(self, ledger: Arc<dyn Ledger>) -> Self {
        Self { ledger, ..self }
    }

    /// The clock of the timestamps in results and of the expiry of remembered facts. The default is the system's clock.
    /// Deadlines do not use it, nor does the ledger, which has its own clock.
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
