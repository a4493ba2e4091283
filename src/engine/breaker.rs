//! Silent servers: after two time limits in a row that passed before a first byte, other checks of that server share
//! the verdict instead of waiting as long. One check at a time goes on trying, so that a recovery is noticed.
//!
//! A server is identified by its address, whatever its name, and by its name as well, since only some of the addresses
//! of a name may be silent. A silence counts for checks of the same driver (the server may answer another protocol)
//! whose time limit is not longer, and for a limited time: the silence of an hour ago proves nothing now.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::select_all;
use tokio::sync::watch;

use super::group::Group;
use super::lookup::Resolved;
use crate::driver::attempt::Trace;
use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::result::Address;
use crate::net::dial::Endpoint;

/// The number of silences in a row after which other checks share them.
const SILENCES: usize = 2;

/// How long a silence counts: this time, or this multiple of its time limit if that is longer. One check goes on trying
/// meanwhile and renews it.
const KEPT: Duration = Duration::from_secs(30);
const LIMITS_KEPT: u32 = 3;

/// Above this number of servers, those without a silence that counts are dropped.
const MANY: usize = 4096;

/// The silences of servers.
#[derive(Default)]
pub(super) struct Breaker(Mutex<Places>);

#[derive(Default)]
struct Places {
    known: HashMap<(&'static str, Key), Arc<Place>>,
    many: usize,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Named(String, Option<u16>),
    At(Address),
}

struct Place {
    state: Mutex<State>,
    /// Changes when a silence is added, which may make it shared.
    shared: watch::Sender<()>,
}

#[derive(Default)]
struct State {
    /// The consecutive silences with the longest limits.
    silences: Vec<Silence>,
    probing: bool,
}

/// A time limit that passed without a byte from the server.
#[derive(Clone)]
struct Silence {
    since: Instant,
    limit: Duration,
    failure: Failure,
    id: String,
}

impl Silence {
    fn counts(&self) -> bool {
        self.since.elapsed() < KEPT.max(self.limit.saturating_mul(LIMITS_KEPT))
    }
}

/// The server of one check.
pub(super) struct Server {
    named: Arc<Place>,
    at: Vec<(Address, Arc<Place>)>,
    /// Whether the addresses of its only endpoint are all that is dialled.
    only: bool,
}

/// The verdict that a check shares.
pub(super) struct Shared {
    pub(super) failure: Failure,
    /// The ids of the results that the verdict rests on.
    pub(super) ids: Vec<String>,
}

/// The right to try a silent server, given back on drop.
pub(super) struct Probing(Arc<Place>);

impl Breaker {
    /// The server of `group`, whose addresses are `resolved`.
    pub(super) fn server(&self, group: &Group, resolved: &Resolved) -> Server {
        let driver = group.driver.spec().name;
        let target = &group.plan.target;
        let named = Key::Named(target.host.as_deref().unwrap_or_default().to_lowercase(), target.port);
        let only = match group.plan.endpoints[..] {
            // In other cases the driver learns the port on the way, as with named instances of SQL Server.
            [Endpoint::Tcp { port, .. }] => target.port == Some(port),
            [Endpoint::Unix(_)] => true,
            _ => false,
        };
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Server {
            named: places.place(driver, named),
            at: resolved
                .addresses
                .iter()
                .map(|address| (address.clone(), places.place(driver, Key::At(address.clone()))))
                .collect(),
            only,
        }
    }
}

impl Places {
    fn place(&mut self, driver: &'static str, key: Key) -> Arc<Place> {
        if self.known.len() >= self.many.max(MANY) {
            self.known
                .retain(|_, place| Arc::strong_count(place) > 1 || place.state().silences.iter().any(Silence::counts));
            self.many = 2 * self.known.len();
        }
        match self.known.entry((driver, key)) {
            Entry::Occupied(place) => Arc::clone(place.get()),
            Entry::Vacant(vacant) => {
                Arc::clone(vacant.insert(Arc::new(Place { state: Mutex::default(), shared: watch::Sender::new(()) })))
            }
        }
    }
}

impl Place {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_silent(&self, limit: Duration) -> bool {
        self.state().silences.iter().filter(|silence| silence.limit >= limit && silence.counts()).count() >= SILENCES
    }

    fn add(&self, silence: &Silence) {
        let mut state = self.state();
        state.silences.retain(Silence::counts);
        state.silences.push(silence.clone());
        state.silences.sort_by_key(|silence| Reverse(silence.limit));
        state.silences.truncate(SILENCES);
        drop(state);
        self.shared.send_replace(());
    }
}

impl Server {
    /// Waits until a check with this `limit` is to share the silence of this server. If no other check is trying the
    /// server, this one has to: it gets `probing`, and the future never resolves.
    pub(super) async fn silence(&self, limit: Duration, probing: &mut Option<Probing>) -> Shared {
        let places = || std::iter::once(&self.named).chain(self.at.iter().map(|(_, place)| place));
        let mut watched: Vec<_> = places().map(|place| place.shared.subscribe()).collect();
        loop {
            if probing.is_some() {
                return std::future::pending().await;
            }
            if let Some(place) = self.silent(limit) {
                let mut state = place.state();
                if state.probing
                    && let Some(shared) = shared(&state)
                {
                    return shared;
                }
                state.probing = true;
                *probing = Some(Probing(Arc::clone(place)));
                continue;
            }
            let (changed, ..) = select_all(watched.iter_mut().map(|place| Box::pin(place.changed()))).await;
            if changed.is_err() {
                return std::future::pending().await;
            }
        }
    }

    /// The place that is silent: the name, or the first address if all addresses are silent.
    fn silent(&self, limit: Duration) -> Option<&Arc<Place>> {
        if self.named.is_silent(limit) {
            return Some(&self.named);
        }
        let (_, first) = self.at.first()?;
        self.at.iter().all(|(_, place)| place.is_silent(limit)).then_some(first)
    }

    /// Records how a probe ended that left `trace`: as a silence of the result `id`, as an answer, or as neither.
    pub(super) fn note(&self, failure: Option<&Failure>, trace: &Trace, limit: Duration, id: &str) {
        let Some(failure) = failure else { return self.answered(trace) };
        match failure.class {
            Class::Timeout if trace.credential_sent => self.answered(trace),
            Class::Timeout if trace.is_unanswered() || failure.phase == Some(Phase::Connect) => {
                let failure = Failure { detail: None, ..failure.clone() };
                let silence = Silence { since: Instant::now(), limit, failure, id: id.to_owned() };
                self.named.add(&silence);
                for place in self.met(trace) {
                    place.add(&silence);
                }
            }
            Class::Local | Class::Internal | Class::Cancelled | Class::Resolve => {}
            Class::Timeout if failure.phase == Some(Phase::Resolve) => {}
            _ => self.answered(trace),
        }
    }

    fn answered(&self, trace: &Trace) {
        for place in std::iter::once(&self.named).chain(self.met(trace)) {
            place.state().silences.clear();
        }
    }

    /// The addresses that a probe reached.
    fn met<'a>(&'a self, trace: &'a Trace) -> impl Iterator<Item = &'a Arc<Place>> {
        let met = |address: &Address| match &trace.address {
            Some(reached) => reached == address,
            None => self.only,
        };
        self.at.iter().filter(move |(address, _)| met(address)).map(|(_, place)| place)
    }
}

fn shared(state: &State) -> Option<Shared> {
    let failure = state.silences.first()?.failure.clone();
    let mut ids: Vec<String> = Vec::new();
    for silence in &state.silences {
        if !ids.contains(&silence.id) {
            ids.push(silence.id.clone());
        }
    }
    Some(Shared { failure, ids })
}

impl Drop for Probing {
    fn drop(&mut self) {
        self.0.state().probing = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::attempt::Recorder;
    use crate::model::reason::Timeout;

    const LIMIT: Duration = Duration::from_secs(1);

    fn server() -> Server {
        Server {
            named: Arc::new(Place { state: Mutex::default(), shared: watch::Sender::new(()) }),
            at: Vec::new(),
            only: true,
        }
    }

    /// Records that the limit of a probe passed in `phase`.
    fn passed(server: &Server, phase: Phase, trace: &Trace, limit: Duration) {
        let reason = Timeout::Greeting { product: "PostgreSQL", limit: Some(limit) };
        let failure = Failure { phase: Some(phase), ..Failure::of(reason) };
        server.note(Some(&failure), trace, limit, "a");
    }

    /// Whether a check with this `limit` shares the silence while another check is trying.
    async fn is_shared(server: &Server, limit: Duration) -> bool {
        let mut trying = None;
        let first = server.silence(limit, &mut trying);
        if tokio::time::timeout(Duration::from_millis(1), first).await.is_ok() {
            return true;
        }
        let mut none = None;
        tokio::time::timeout(Duration::from_millis(1), server.silence(limit, &mut none)).await.is_ok()
    }

    #[tokio::test]
    async fn two_silences_are_shared_until_the_server_speaks() {
        let (server, trace) = (server(), Recorder::default().snapshot());
        passed(&server, Phase::Connect, &trace, LIMIT);
        assert!(!is_shared(&server, LIMIT).await, "one is not enough");
        passed(&server, Phase::Connect, &trace, LIMIT);
        assert!(is_shared(&server, LIMIT).await);
        assert!(!is_shared(&server, 2 * LIMIT).await, "who has more time may see more");
        server.note(None, &trace, LIMIT, "b");
        assert!(!is_shared(&server, LIMIT).await, "it has answered");
    }

    #[tokio::test]
    async fn one_goes_on_trying_and_the_next_one_after_it() {
        let (server, trace) = (server(), Recorder::default().snapshot());
        passed(&server, Phase::Connect, &trace, LIMIT);
        passed(&server, Phase::Connect, &trace, LIMIT);
        for _ in 0..3 {
            let (mut trying, mut other) = (None, None);
            drop(tokio::time::timeout(Duration::from_millis(1), server.silence(LIMIT, &mut trying)).await);
            assert!(trying.is_some(), "nobody else tries");
            assert!(tokio::time::timeout(Duration::from_millis(1), server.silence(LIMIT, &mut other)).await.is_ok());
        }
    }

    #[tokio::test]
    async fn a_silence_of_long_ago_is_not_shared() {
        let (server, trace) = (server(), Recorder::default().snapshot());
        for (limit, age, shared) in [(1, 29, true), (1, 31, false), (20, 59, true), (20, 61, false)] {
            let limit = Duration::from_secs(limit);
            server.note(None, &trace, limit, "b");
            passed(&server, Phase::Connect, &trace, limit);
            passed(&server, Phase::Connect, &trace, limit);
            for silence in &mut server.named.state().silences {
                silence.since = Instant::now().checked_sub(Duration::from_secs(age)).unwrap();
            }
            assert_eq!(is_shared(&server, limit).await, shared, "{limit:?} {age} s ago");
        }
    }

    /// A server that is silent after a credential has answered before: its behaviour with another credential is
    /// unknown.
    #[tokio::test]
    async fn a_silence_after_the_credential_is_not_shared() {
        let (server, mut asked) = (server(), Recorder::default().snapshot());
        asked.credential_sent = true;
        for _ in 0..4 {
            passed(&server, Phase::Auth, &asked, LIMIT);
        }
        assert!(!is_shared(&server, LIMIT).await);
    }
}
