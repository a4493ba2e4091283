//! Names to addresses: getaddrinfo (so that we agree with the real applications), or the DNS server
//! that the owner names, on a bounded set of threads of our own, each name looked up once a run for
//! all who ask.
//!
//! The threads are never joined: a lookup that hangs costs its askers their time limit, and the
//! process nothing at its end.

mod literal;

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use tokio::sync::watch;

use self::literal::is_half_an_address;
pub use self::literal::literal;
use super::dns;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::{Machine, Reason, Resolve, Shortage};

/// Lookups at once.
const THREADS: usize = 32;

/// Addresses kept of a name.
const ADDRESSES: usize = 16;

/// How long a failure is remembered: long enough for all who ask at once, shorter than the pause
/// before a retry.
pub const FAILURE_KEPT: Duration = Duration::from_millis(200);

/// What a name resolved to, and how long the lookup took (zero for a literal address).
#[derive(Clone, Debug)]
pub struct Resolution {
    /// At most 16, in the order of the system's preference.
    pub addresses: Vec<IpAddr>,
    /// The time of the lookup that everybody shares.
    pub elapsed: Duration,
}

/// The cache and its threads.
pub struct Resolver(Arc<Desk>);

type Lookup = dyn Fn(&str) -> Result<Vec<IpAddr>, Trouble> + Send + Sync;

/// Why a lookup came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// There is no such name.
    NoSuchName,
    /// The DNS servers did not say whether there is one.
    NoAnswer,
    /// This machine is out of descriptors or memory.
    Short,
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        if let Some(Errno::MFILE | Errno::NFILE | Errno::NOMEM) = Errno::from_io_error(&error) {
            return Self::Short;
        }
        // The resolver's own trouble, as glibc and musl put it; it does not say that there is no such name.
        let text = error.to_string();
        if text.contains("Temporary failure") || text.contains("Try again") { Self::NoAnswer } else { Self::NoSuchName }
    }
}

/// What askers and threads share.
struct Desk {
    lookup: Box<Lookup>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    answers: HashMap<String, watch::Receiver<Option<Answer>>>,
    waiting: VecDeque<(String, watch::Sender<Option<Answer>>)>,
    threads: usize,
}

#[derive(Clone)]
struct Answer {
    outcome: Result<Arc<Resolution>, Failure>,
    at: Instant,
}

impl Resolver {
    /// Asks the system.
    pub(super) fn new() -> Self {
        Self::with(|host| Ok((host, 0).to_socket_addrs()?.map(|address| address.ip()).collect()))
    }

    /// Asks the DNS server at `server` and nobody else.
    pub(super) fn asking(server: SocketAddr) -> Self {
        Self::with(move |host| dns::addresses(server, host))
    }

    /// Knows one answer.
    #[cfg(test)]
    pub(super) fn knowing_only(address: IpAddr) -> Self {
        Self::with(move |_| Ok(vec![address]))
    }

    fn with(lookup: impl Fn(&str) -> Result<Vec<IpAddr>, Trouble> + Send + Sync + 'static) -> Self {
        Self(Arc::new(Desk { lookup: Box::new(lookup), state: Mutex::default() }))
    }

    pub(super) async fn resolve(&self, host: &str, limit: Duration) -> Result<Arc<Resolution>, Failure> {
        if let Some(address) = literal(host) {
            return Ok(Arc::new(Resolution { addresses: vec![address], elapsed: Duration::ZERO }));
        }
        if is_half_an_address(host) {
            return Err(failed(Resolve::HalfAnAddress { host: host.to_owned() }));
        }
        let mut answer = self.0.ask(host.to_lowercase());
        let answered = tokio::time::timeout(limit, answer.wait_for(Option::is_some)).await;
        match answered {
            Ok(Ok(answer)) => match &*answer {
                Some(answer) => answer.outcome.clone(),
                None => unreachable!("an answer was waited for"),
            },
            Ok(Err(_no_sender)) => Err(failed(Machine::Bug { what: format!("the lookup of `{host}` broke") })),
            Err(_elapsed) => Err(failed(Resolve::ResolverSilent { name: host.to_owned() })),
        }
    }
}

impl Desk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer about `name` that there is or will be.
    fn ask(self: &Arc<Self>, name: String) -> watch::Receiver<Option<Answer>> {
        let mut state = self.state();
        if let Some(answer) = state.answers.get(&name)
            && answer.borrow().as_ref().is_none_or(Answer::stands)
        {
            return answer.clone();
        }
        let (sender, answer) = watch::channel(None);
        state.answers.insert(name.clone(), answer.clone());
        state.waiting.push_back((name, sender));
        if state.threads < THREADS {
            let desk = Arc::clone(self);
            match thread::Builder::new().name("connprobe-resolve".to_owned()).spawn(move || desk.work()) {
                Ok(_detached) => state.threads += 1,
                Err(_no_thread) if state.threads == 0 => {
                    let failure = failed(Machine::Short(Shortage::Threads));
                    for (_, sender) in state.waiting.drain(..) {
                        sender.send_replace(Some(Answer::new(Err(failure.clone()))));
                    }
                }
                Err(_others_do_it) => {}
            }
        }
        answer
    }

    /// Looks up whatever waits, then ends.
    fn work(&self) {
        loop {
            let (name, sender) = {
                let mut state = self.state();
                let Some(next) = state.waiting.pop_front() else {
                    state.threads -= 1;
                    return;
                };
                next
            };
            let since = Instant::now();
            let found = (self.lookup)(&name);
            sender.send_replace(Some(Answer::new(outcome(&name, found, since.elapsed()))));
        }
    }
}

impl Answer {
    fn new(outcome: Result<Arc<Resolution>, Failure>) -> Self {
        Self { outcome, at: Instant::now() }
    }

    fn stands(&self) -> bool {
        self.outcome.is_ok() || self.at.elapsed() < FAILURE_KEPT
    }
}

fn outcome(name: &str, found: Result<Vec<IpAddr>, Trouble>, elapsed: Duration) -> Result<Arc<Resolution>, Failure> {
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

fn failure(name: &str, trouble: Trouble) -> Failure {
    let name = name.to_owned();
    match trouble {
        Trouble::Short => failed(Machine::NoLookup { name }),
        Trouble::NoAnswer => failed(Resolve::ResolverFailed { name }),
        Trouble::NoSuchName => failed(Resolve::NameNotFound { name }),
    }
}

fn failed(reason: impl Into<Reason>) -> Failure {
    Failure::of(reason).at(Phase::Resolve)
}

#[cfg(test)]
mod tests;
