//! `Resolver`: one lookup for all concurrent callers, a cache of its answer, and what a failed lookup means.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::io::Errno;
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::literal::is_half_an_address;
use super::literal::literal;
use super::pool::{Answerer, Limits, Pool, Progress, Watch};
use crate::clock::Clock;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::{Machine, Reason, Resolve, Shortage};
use crate::net::dns;

/// Addresses kept of a name.
const ADDRESSES: usize = 16;

/// How long a failure is cached.
const FAILURE_KEPT: Duration = Duration::from_secs(1);

/// How long whoever looks again is content with what others were told: long enough for concurrent callers, shorter than
/// the pause before a retry.
pub const JUST_NOW: Duration = Duration::from_millis(200);

/// How long an answer is cached, unless the DNS server gives a shorter TTL.
const KEPT: Duration = Duration::from_secs(30);

/// With so many names in the cache, expired ones are removed.
const MANY: usize = 1024;

/// What a name resolved to, and how long the lookup took (zero for a literal address).
#[derive(Clone, Debug)]
pub struct Resolution {
    /// At most 16, in the order of the system's preference.
    pub addresses: Vec<IpAddr>,
    /// The time that the shared lookup took.
    pub elapsed: Duration,
}

/// The names that are known, and those that are being looked up.
#[derive(Clone)]
pub struct Resolver(Arc<Known>);

struct Known {
    pool: Arc<Pool>,
    names: Mutex<Names>,
}

#[derive(Default)]
struct Names {
    progress: HashMap<String, Watch>,
    /// With so many, what has expired is let go.
    many: usize,
}

/// Who asks for a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::net) enum Asked {
    /// Somebody who has not asked before.
    #[default]
    First,
    /// Somebody whose lookup has failed.
    Again,
}

/// What a lookup finds.
pub(in crate::net) struct Found {
    pub(in crate::net) addresses: Vec<IpAddr>,
    /// How long that holds, where it is known.
    pub(in crate::net) until: Option<Instant>,
}

/// Why a lookup failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::net) enum LookupError {
    /// There is no such name.
    NoSuchName,
    /// The DNS servers did not say whether there is one.
    NoAnswer,
    /// They said nothing within the limit.
    Silent,
    /// They were not asked within the limit, since too many other names were being looked up.
    Crowded,
    /// This machine is out of descriptors or memory.
    Short,
    /// This machine gives no thread.
    NoThread,
    /// A bug of connprobe's or of the resolver library.
    Broke,
}

impl LookupError {
    /// Why a socket to a DNS server gave no answer.
    pub(in crate::net) fn of_socket(error: &io::Error) -> Self {
        match Errno::from_io_error(error) {
            Some(Errno::MFILE | Errno::NFILE | Errno::NOMEM) => Self::Short,
            _ => Self::NoAnswer,
        }
    }
}

impl From<io::Error> for LookupError {
    fn from(error: io::Error) -> Self {
        if let Some(Errno::MFILE | Errno::NFILE | Errno::NOMEM) = Errno::from_io_error(&error) {
            return Self::Short;
        }
        // The resolver's own errors, as glibc and musl put it; it does not say that there is no such name.
        let text = error.to_string();
        if text.contains("Temporary failure") || text.contains("Try again") { Self::NoAnswer } else { Self::NoSuchName }
    }
}

/// The result of a lookup.
#[derive(Clone)]
pub(super) struct Answer {
    pub(super) outcome: Result<Arc<Resolution>, Failure>,
    /// When it came.
    since: Instant,
    /// How long it holds.
    kept: Duration,
}

impl Resolver {
    /// Asks the system.
    pub(in crate::net) fn new() -> Self {
        Self::with(|host| Ok((host, 0).to_socket_addrs()?.map(|address| address.ip()).collect()))
    }

    /// Asks the DNS server at `server` and nobody else.
    pub(in crate::net) fn asking(server: SocketAddr, runtime: Option<Handle>) -> Self {
        Self::by(Answerer::Server(Box::new(dns::Client::new(server)), runtime))
    }

    /// Knows one answer.
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

    /// One that knows nothing yet and asks the same, by whose `clock` names grow old.
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
                // By those who asked before.
                Progress::Abandoned => {}
                Progress::Waiting => return Err(failure(host, LookupError::Crowded)),
                Progress::Begun => return Err(failure(host, LookupError::Silent)),
            }
        }
    }
}

impl Known {
    /// How the lookup of `name` goes, which is begun if there is none, nor an answer that still holds.
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

    /// Whether who asks now may rely on it.
    fn holds(&self, progress: &Watch, asked: Asked) -> bool {
        match &*progress.borrow() {
            Progress::Waiting | Progress::Begun => true,
            Progress::Abandoned => false,
            Progress::Done(answer) => {
                let age = self.pool.now().saturating_duration_since(answer.since);
                age < if asked == Asked::Again && answer.outcome.is_err() { JUST_NOW } else { answer.kept }
            }
        }
    }
}

/// What came of the lookup of `name`, which took `elapsed`, `since` now.
pub(super) fn answer(name: &str, found: Result<Found, LookupError>, elapsed: Duration, since: Instant) -> Answer {
    let until = found.as_ref().ok().and_then(|found| found.until);
    let kept = until.map_or(KEPT, |until| until.saturating_duration_since(Instant::now()));
    let outcome = outcome(name, found.map(|found| found.addresses), elapsed);
    // Long enough for all who ask at once.
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
