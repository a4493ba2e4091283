//! `Resolver`: shares one lookup among concurrent callers, caches its answer, and classifies a failed lookup.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::watch;

use super::literal::is_half_an_address;
use super::literal::literal;
use super::lookup::{Found, LookupError};
use super::pool::{Answerer, Limits, Pool, Progress, Watch};
use crate::clock::Clock;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::{Machine, Reason, Resolve, Shortage};
use crate::net::dns;

/// The maximum number of addresses that are kept for a name.
const ADDRESSES: usize = 16;

/// How long a failure is cached.
const FAILURE_KEPT: Duration = Duration::from_secs(1);

/// The age up to which a retry accepts a failure that another caller's lookup returned. Long enough for concurrent
/// callers, shorter than the pause before a retry.
pub const JUST_NOW: Duration = Duration::from_millis(200);

/// How long an answer is cached for a caller that waits until servers are ready: one that is made anew may have another
/// address.
const IN_WAIT: Duration = Duration::from_secs(1);

/// How long an answer is cached, unless the DNS server gives a shorter TTL.
const KEPT: Duration = Duration::from_secs(30);

/// The number of cached names from which on expired ones are removed.
const MANY: usize = 1024;

/// The addresses of a name, and how long the lookup took (zero for a literal address).
#[derive(Clone, Debug)]
pub struct Resolution {
    /// At most 16, in the system's order of preference.
    pub addresses: Vec<IpAddr>,
    /// The duration of the shared lookup.
    pub elapsed: Duration,
}

/// The cached names, and those being looked up.
#[derive(Clone)]
pub struct Resolver(Arc<Known>);

struct Known {
    pool: Arc<Pool>,
    names: Mutex<Names>,
}

#[derive(Default)]
struct Names {
    progress: HashMap<String, Watch>,
    /// The number of names at which expired ones are removed.
    many: usize,
}

/// Whether a caller asks for a name again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::net) enum Asked {
    /// The first lookup by this caller.
    #[default]
    First,
    /// The caller's lookup failed before.
    Again,
    /// The caller waits until servers are ready, and has asked before.
    InWait,
}

/// The result of a lookup.
#[derive(Clone)]
pub(super) struct Answer {
    pub(super) outcome: Result<Arc<Resolution>, Failure>,
    /// When the lookup ended.
    since: Instant,
    /// How long it is cached.
    kept: Duration,
}

impl Resolver {
    /// Uses the system's resolver.
    pub(in crate::net) fn new() -> Self {
        Self::with(|host| Ok((host, 0).to_socket_addrs()?.map(|address| address.ip()).collect()))
    }

    /// Queries only the DNS server at `server`.
    pub(in crate::net) fn asking(server: SocketAddr, runtime: Option<Handle>) -> Self {
        Self::by(Answerer::Server(Box::new(dns::Client::new(server)), runtime))
    }

    /// Answers every name with `address`.
    #[cfg(test)]
    pub(in crate::net) fn knowing_only(address: IpAddr) -> Self {
        Self::with(move |_| Ok(vec![address]))
    }

    fn with(lookup: impl Fn(&str) -> Result<Vec<IpAddr>, LookupError> + Send + Sync + 'static) -> Self {
        Self::by(Answerer::System(Box::new(lookup)))
    }

    fn by(answerer: Answerer) -> Self {
        let limits = Limits::of(&answerer);
        Self::limited(answerer, limits)
    }

    fn limited(answerer: Answerer, limits: Limits) -> Self {
        Self(Arc::new(Known { pool: Pool::new(answerer, limits), names: Mutex::default() }))
    }

    /// A resolver with an empty cache and the same answerer, whose names age by `clock`.
    pub(in crate::net) fn by_clock(&self, clock: &Clock) -> Self {
        Self(Arc::new(Known { pool: self.0.pool.by_clock(clock), names: Mutex::default() }))
    }

    pub(in crate::net) async fn resolve(
        &self,
        host: &str,
        limit: Duration,
        asked: Asked,
    ) -> Result<Arc<Resolution>, Failure> {
        if let Some(address) = literal(host) {
            return Ok(Arc::new(Resolution { addresses: vec![address], elapsed: Duration::ZERO }));
        }
        if is_half_an_address(host) {
            return Err(failed(Resolve::HalfAnAddress { host: host.to_owned() }));
        }
        let deadline = tokio::time::Instant::now() + limit;
        loop {
            let mut progress = self.0.ask(host.to_lowercase(), asked);
            let over = |progress: &Progress| matches!(progress, Progress::Abandoned | Progress::Done(_));
            let ended = async { progress.wait_for(over).await.map(|ended| ended.clone()) };
            let ended = tokio::time::timeout_at(deadline, ended).await;
            match ended.unwrap_or_else(|_elapsed| Ok(progress.borrow().clone())).unwrap_or(Progress::Abandoned) {
                Progress::Done(answer) => return answer.outcome,
                // The other callers gave up: start the lookup again.
                Progress::Abandoned => {}
                Progress::Waiting => return Err(failure(host, LookupError::Crowded)),
                Progress::Begun => return Err(failure(host, LookupError::Silent)),
            }
        }
    }
}

impl Known {
    /// The progress of the lookup of `name`. Starts a lookup unless one is running or a cached answer is still valid.
    fn ask(&self, name: String, asked: Asked) -> watch::Receiver<Progress> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(progress) = names.progress.get(&name)
            && self.holds(progress, asked)
        {
            return progress.subscribe();
        }
        if names.progress.len() >= names.many.max(MANY) {
            names.progress.retain(|_, progress| self.holds(progress, Asked::First));
            names.many = 2 * names.progress.len();
        }
        let (sender, progress) = watch::channel(Progress::Waiting);
        let sender = Arc::new(sender);
        names.progress.insert(name.clone(), Arc::clone(&sender));
        drop(names);
        self.pool.add(name, sender);
        progress
    }

    /// Whether the lookup is running, or its answer still valid for this caller.
    fn holds(&self, progress: &Watch, asked: Asked) -> bool {
        match &*progress.borrow() {
            Progress::Waiting | Progress::Begun => true,
            Progress::Abandoned => false,
            Progress::Done(answer) => {
                let age = self.pool.now().saturating_duration_since(answer.since);
                age < match asked {
                    Asked::Again if answer.outcome.is_err() => JUST_NOW,
                    Asked::First | Asked::Again => answer.kept,
                    Asked::InWait => answer.kept.min(IN_WAIT),
                }
            }
        }
    }
}

/// The answer for `name` from a lookup that took `elapsed` and ended at `since`.
pub(super) fn answer(name: &str, found: Result<Found, LookupError>, elapsed: Duration, since: Instant) -> Answer {
    let until = found.as_ref().ok().and_then(|found| found.until);
    let kept = until.map_or(KEPT, |until| until.saturating_duration_since(Instant::now()));
    let outcome = outcome(name, found.map(|found| found.addresses), elapsed);
    // At least long enough for all concurrent callers.
    let kept = if outcome.is_ok() { kept.clamp(JUST_NOW, KEPT) } else { FAILURE_KEPT };
    Answer { outcome, since, kept }
}

fn outcome(name: &str, found: Result<Vec<IpAddr>, LookupError>, elapsed: Duration) -> Result<Arc<Resolution>, Failure> {
    let mut addresses: Vec<IpAddr> = Vec::new();
    for address in found.map_err(|trouble| failure(name, trouble))? {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
        if addresses.len() == ADDRESSES {
            break;
        }
    }
    if addresses.is_empty() {
        return Err(failed(Resolve::NameNotFound { name: name.to_owned() }));
    }
    Ok(Arc::new(Resolution { addresses, elapsed }))
}

fn failure(name: &str, error: LookupError) -> Failure {
    let name = name.to_owned();
    match error {
        LookupError::Short => failed(Machine::NoLookup { name }),
        LookupError::NoAnswer => failed(Resolve::ResolverFailed { name }),
        LookupError::NoSuchName => failed(Resolve::NameNotFound { name }),
        LookupError::Silent => failed(Resolve::ResolverSilent { name }),
        LookupError::Crowded => failed(Resolve::NotAskedFor { name }),
        LookupError::NoThread => failed(Machine::Short(Shortage::Threads)),
        LookupError::Broke => failed(Machine::Bug { what: format!("the lookup of `{name}` broke") }),
    }
}

fn failed(reason: impl Into<Reason>) -> Failure {
    Failure::of(reason).at(Phase::Resolve)
}

#[cfg(test)]
mod tests;
