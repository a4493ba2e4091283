//! `Engine`: owns what all jobs share: the threads, the networks with their cached names, the permits, the turns of
//! accounts, and the state of servers.
//!
//! Each of these is bounded and expires, so that an engine can run jobs for an unlimited time. When the last handle is
//! dropped, jobs included, the threads end by themselves; the drop does not wait for them, so it may happen anywhere.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, Weak};

use tokio::runtime::Handle;

use super::accounts::{Accounts, locked};
use super::breaker::Breaker;
use super::config::EngineConfig;
use super::interruptions::Interruptions;
use super::lag::Lag;
use super::lane::Lane;
use super::ledger::{Clock, Ledger};
use super::limits::Limits;
use super::logins::Logins;
use super::networks::Networks;
use super::remembered::Remembered;
use super::run::{Job, Run, start};
use super::stop::StopHandle;
use super::workers::Workers;
use crate::driver::controls::Controls;

/// Runs jobs, many at once. A clone refers to the same engine.
#[derive(Clone)]
pub struct Engine(Arc<Core>);

/// State that the jobs of an engine share.
pub(super) struct Core {
    pub(super) accounts: Arc<Accounts>,
    pub(super) limits: Arc<Limits>,
    pub(super) interruptions: Arc<Interruptions>,
    pub(super) breaker: Arc<Breaker>,
    pub(super) controls: Arc<Controls>,
    pub(super) networks: Networks,
    pub(super) lane: Lane,
    /// The clock of the timestamps in results.
    pub(super) clock: Clock,
    /// The number of workers to start.
    count: usize,
    /// Started by the first job that logs in.
    workers: Mutex<Option<Workers>>,
    /// Measured as long as a job holds it.
    lag: Mutex<Weak<Lag>>,
}

impl Engine {
    /// Creates an engine.
    ///
    /// # Errors
    ///
    /// When the system cannot start the threads.
    pub fn new(config: EngineConfig) -> io::Result<Self> {
        let EngineConfig { workers: count, concurrency, per_host, ledger, clock } = config;
        let accounts = Accounts::of(&ledger);
        Ok(Self(Arc::new(Core {
            limits: Arc::new(Limits::new(concurrency, per_host)),
            interruptions: Interruptions::new(Arc::clone(&accounts)),
            breaker: Arc::default(),
            controls: Arc::new(Controls::remembered_by(Remembered(Arc::clone(&accounts))).by_clock(&clock)),
            networks: Networks::by_clock(&clock),
            lane: Lane::open()?,
            count,
            workers: Mutex::default(),
            lag: Mutex::default(),
            accounts,
            clock,
        })))
    }

    /// Starts `job`.
    ///
    /// # Errors
    ///
    /// When the system cannot start a thread for it.
    pub fn run(&self, job: Job) -> io::Result<Run> {
        self.run_until(job, &StopHandle::default())
    }

    /// Same as [`Engine::run`], with a handle that ends the run early. A `stop` that was used before ends the run
    /// before any login is attempted.
    ///
    /// # Errors
    ///
    /// When the system cannot start a thread for it.
    pub fn run_until(&self, job: Job, stop: &StopHandle) -> io::Result<Run> {
        start(&self.0, job, stop)
    }

    /// The ledger that accounts are remembered in.
    #[must_use]
    pub fn ledger(&self) -> Arc<dyn Ledger> {
        self.0.accounts.shared_ledger()
    }

    /// The logins of sources and of a store, which take turns with the logins of jobs.
    #[must_use]
    pub fn logins(&self) -> Logins {
        let ledger = self.ledger();
        Logins::over(move || Ok(Arc::clone(&ledger)))
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Core {
    /// The runtime that probes run on.
    ///
    /// # Errors
    ///
    /// When the system cannot start the threads.
    pub(super) fn workers(&self) -> io::Result<Handle> {
        let mut workers = locked(&self.workers);
        if let Some(handle) = workers.as_ref().and_then(Workers::handle) {
            return Ok(handle.clone());
        }
        let started = workers.insert(Workers::start(self.count)?);
        started.handle().cloned().ok_or_else(|| io::ErrorKind::WouldBlock.into())
    }

    /// The measurement of how late the workers are.
    pub(super) fn lag(&self, workers: &Handle) -> Arc<Lag> {
        let mut lag = locked(&self.lag);
        lag.upgrade().unwrap_or_else(|| {
            let beating = Arc::new(Lag::among(workers));
            *lag = Arc::downgrade(&beating);
            beating
        })
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        if let Some(workers) = locked(&self.workers).take() {
            self.lane.end_with(workers);
        }
    }
}
