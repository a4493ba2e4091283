//! `Engine`: what all jobs share as long as it lives: the threads, the ways out with their names, the permits, the turns of
//! accounts, and what is known of servers.
//!
//! Each of these is bounded and forgets by itself, so that an engine can run jobs for ever. When the last handle is dropped,
//! jobs included, the threads end by themselves; nobody waits for them, so that this may happen anywhere.

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

/// Runs jobs, many at once; a clone is the same engine.
#[derive(Clone)]
pub struct Engine(Arc<Core>);

/// What the jobs of an engine share.
pub(super) struct Core {
    pub(super) accounts: Arc<Accounts>,
    pub(super) limits: Arc<Limits>,
    pub(super) interruptions: Arc<Interruptions>,
    pub(super) breaker: Arc<Breaker>,
    pub(super) controls: Arc<Controls>,
    pub(super) networks: Networks,
    pub(super) lane: Lane,
    /// What results tell the time by.
    pub(super) clock: Clock,
    /// As many as there will be.
    count: usize,
    /// They begin with the first job that logs in.
    workers: Mutex<Option<Workers>>,
    /// It beats as long as a job has use for it.
    lag: Mutex<Weak<Lag>>,
}

impl Engine {
    /// One that can run jobs.
    ///
    /// # Errors
    ///
    /// When this machine gives no threads.
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
    /// When this machine gives no thread for it.
    pub fn run(&self, job: Job) -> io::Result<Run> {
        self.run_until(job, &StopHandle::default())
    }

    /// As [`Engine::run`], where `stop` ends it: a handle that was used before ends it before anything is tried.
    ///
    /// # Errors
    ///
    /// When this machine gives no thread for it.
    pub fn run_until(&self, job: Job, stop: &StopHandle) -> io::Result<Run> {
        start(&self.0, job, stop)
    }

    /// What is remembered of accounts.
    #[must_use]
    pub fn ledger(&self) -> Arc<dyn Ledger> {
        self.0.accounts.shared_ledger()
    }

    /// Logins of sources and of a store that take their turns with those of the jobs.
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
    /// Where probes run.
    ///
    /// # Errors
    ///
    /// When this machine gives no threads.
    pub(super) fn workers(&self) -> io::Result<Handle> {
        let mut workers = locked(&self.workers);
        if let Some(handle) = workers.as_ref().and_then(Workers::handle) {
            return Ok(handle.clone());
        }
        let started = workers.insert(Workers::start(self.count)?);
        started.handle().cloned().ok_or_else(|| io::ErrorKind::WouldBlock.into())
    }

    /// How late they are.
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
