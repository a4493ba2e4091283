//! `check` and `check_one`: what a program of one's own calls, without an engine in its hands.

use std::fmt;
use std::future::ready;
use std::io;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use futures_util::{Stream, StreamExt};

use super::accounts::locked;
use super::config::EngineConfig;
use super::core::Engine;
use super::ledger::Ledger;
use super::run::Job;
use super::settings::Settings;
use crate::driver::{Policy, Registry};
use crate::model::connection::Connection;
use crate::model::event::Event;
use crate::model::result::CheckResult;

/// The engine of all whose options name none.
static OF_PROCESS: Mutex<Option<Engine>> = Mutex::new(None);

/// How to check; whatever is not set has a sound default.
///
/// Accounts are remembered in memory as long as the process lives, so that one with a refused secret is left alone by the
/// next call too. No file is looked for: give a [`FileLedger`](super::ledger::FileLedger) to have them remembered longer.
#[derive(Clone, Default)]
pub struct CheckOptions {
    settings: Settings,
    registry: Option<Registry>,
    by: By,
}

/// Who makes the checks.
#[derive(Clone, Default)]
enum By {
    /// The engine of the process.
    #[default]
    Process,
    /// An engine over this ledger, which begins with the first check and ends with the last clone of these options.
    Own(Arc<dyn Ledger>, Arc<OnceLock<Engine>>),
    Given(Engine),
}

impl CheckOptions {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Each login may take so long; usually 10 seconds.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = timeout;
        self
    }

    /// All logins of a call together may take so long; usually as long as they do.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.settings.deadline = Some(deadline);
        self
    }

    /// So many more attempts after a failure that another attempt may cure; usually none. A refused login is never repeated.
    #[must_use]
    pub fn retries(mut self, retries: u32) -> Self {
        self.settings.retries = retries;
        self
    }

    /// What is demanded of every login.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.settings.policy = policy;
        self
    }

    /// Results hold no text of a server's.
    #[must_use]
    pub fn no_detail(mut self) -> Self {
        self.settings.no_detail = true;
        self
    }

    /// The drivers to use; usually those that connprobe brings.
    #[must_use]
    pub fn registry(mut self, registry: Registry) -> Self {
        self.registry = Some(registry);
        self
    }

    /// Accounts are remembered in `ledger`.
    #[must_use]
    pub fn ledger(mut self, ledger: Arc<dyn Ledger>) -> Self {
        self.by = By::Own(ledger, Arc::default());
        self
    }

    /// The checks are made by `engine`, and remembered in its ledger.
    #[must_use]
    pub fn engine(mut self, engine: Engine) -> Self {
        self.by = By::Given(engine);
        self
    }

    fn who(&self) -> io::Result<Engine> {
        match &self.by {
            By::Given(engine) => Ok(engine.clone()),
            By::Own(ledger, engine) => {
                if let Some(engine) = engine.get() {
                    return Ok(engine.clone());
                }
                let new = Engine::new(EngineConfig::default().ledger(Arc::clone(ledger)))?;
                // Whoever came first has it.
                Ok(engine.get_or_init(|| new).clone())
            }
            By::Process => {
                let mut engine = locked(&OF_PROCESS);
                let known = engine.clone().map_or_else(|| Engine::new(EngineConfig::default()), Ok)?;
                Ok(engine.insert(known).clone())
            }
        }
    }
}

impl fmt::Debug for CheckOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckOptions").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// Attempts a login with each of `connections`, as many at once as the engine allows: one result each, in the order in which
/// they come. Equal definitions share one login. Whoever drops the stream ends the checks; a login whose credential has left
/// goes on until its answer is known.
///
/// Logins are made on threads of the engine's own, so it does not matter in which runtime this is called, or in none.
///
/// # Errors
///
/// When this machine gives no thread.
pub fn check(
    connections: Vec<Connection>,
    options: &CheckOptions,
) -> io::Result<impl Stream<Item = Arc<CheckResult>> + Send + Unpin + use<>> {
    let mut job = Job::new(connections, options.settings.clone());
    if let Some(registry) = &options.registry {
        job.registry = registry.clone();
    }
    let events = options.who()?.run(job)?.events;
    Ok(events.filter_map(|event| ready(if let Event::Result(result) = event { Some(result) } else { None })))
}

/// Attempts a login with `connection`: what came of it. Otherwise as [`check`].
///
/// # Errors
///
/// When this machine gives no thread.
pub async fn check_one(connection: &Connection, options: &CheckOptions) -> io::Result<CheckResult> {
    let result = check(vec![connection.clone()], options)?.next().await;
    result.map(Arc::unwrap_or_clone).ok_or_else(|| io::Error::other("the check broke off without a result"))
}
