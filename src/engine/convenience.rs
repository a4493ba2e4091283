//! `check` and `check_one`: the functions for programs that do not manage an engine themselves.

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

/// The engine that is used where the options name none.
static OF_PROCESS: Mutex<Option<Engine>> = Mutex::new(None);

/// How to check; every option has a default.
///
/// Accounts are remembered in memory for the life of the process, so that a secret that was refused is withheld by the
/// next call too. No file is looked for: pass a [`FileLedger`](super::ledger::FileLedger) to remember accounts longer.
#[derive(Clone, Default)]
pub struct CheckOptions {
    settings: Settings,
    registry: Option<Registry>,
    by: By,
}

/// Which engine makes the checks.
#[derive(Clone, Default)]
enum By {
    /// The engine of this process.
    #[default]
    Process,
    /// An engine over this ledger. It is created by the first check and ends with the last clone of these options.
    Own(Arc<dyn Ledger>, Arc<OnceLock<Engine>>),
    Given(Engine),
}

impl CheckOptions {
    /// The default options.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The time limit of each login. The default is 10 seconds.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = timeout;
        self
    }

    /// The time limit of all logins of a call together. By default there is none.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.settings.deadline = Some(deadline);
        self
    }

    /// The number of further attempts after a failure that another attempt may cure. The default is 0. A refused login
    /// is never repeated.
    #[must_use]
    pub fn retries(mut self, retries: u32) -> Self {
        self.settings.retries = retries;
        self
    }

    /// The requirements that every login has to meet.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.settings.policy = policy;
        self
    }

    /// Keeps text of servers out of the results.
    #[must_use]
    pub fn no_detail(mut self) -> Self {
        self.settings.no_detail = true;
        self
    }

    /// The drivers to use. The default is the built-in ones.
    #[must_use]
    pub fn registry(mut self, registry: Registry) -> Self {
        self.registry = Some(registry);
        self
    }

    /// Remembers accounts in `ledger`.
    #[must_use]
    pub fn ledger(mut self, ledger: Arc<dyn Ledger>) -> Self {
        self.by = By::Own(ledger, Arc::default());
        self
    }

    /// Makes the checks with `engine`, which remembers accounts in its own ledger.
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
                // If another call was faster, its engine is used.
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

/// Attempts a login with each of `connections`, as many at once as the engine allows. The stream yields one result for
/// each connection, in the order in which the logins end. Equal definitions share one login. Dropping the stream ends
/// the checks; a login whose credential has left goes on until its answer is known.
///
/// Logins run on the engine's own threads, so this may be called from any runtime, or from none.
///
/// # Errors
///
/// When the system cannot start a thread.
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

/// Attempts a login with `connection` and returns the result. Otherwise the same as [`check`].
///
/// # Errors
///
/// When the system cannot start a thread.
pub async fn check_one(connection: &Connection, options: &CheckOptions) -> io::Result<CheckResult> {
    let result = check(vec![connection.clone()], options)?.next().await;
    result.map(Arc::unwrap_or_clone).ok_or_else(|| io::Error::other("the check broke off without a result"))
}
