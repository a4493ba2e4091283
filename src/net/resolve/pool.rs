//! Runs the lookups: limits their number, chooses the next one, and starts it. A blocking lookup (getaddrinfo, which
//! cannot be cancelled) has a thread of its own. A lookup at a DNS server is a task, which is dropped when no caller
//! waits for it any more.
//!
//! Few lookups start at once, since DNS servers limit them as well. One that has run for [`FRESH`] waits for a silent
//! server and costs nothing, so it no longer counts towards that limit. Silent names therefore do not delay other
//! names, up to a second limit given by descriptors and threads.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Resource, getrlimit};
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::fair::{Fair, zone};
use super::lookup::{Found, LookupError};
use super::resolver::{Answer, answer};
use crate::clock::Clock;
use crate::net::dns;
use crate::threads;

/// How long a lookup counts towards the limit of fresh lookups.
const FRESH: Duration = Duration::from_millis(50);

/// How often the queue is checked while lookups wait in it.
const TICK: Duration = Duration::from_millis(20);

pub(super) type Blocking = dyn Fn(&str) -> Result<Vec<IpAddr>, LookupError> + Send + Sync;

/// The means by which lookups are answered.
pub(super) enum Answerer {
    /// The system, by a blocking call.
    System(Box<Blocking>),
    /// A DNS server, queried on this runtime, or on the caller's if there is none.
    Server(Box<dns::Client>, Option<Handle>),
}

/// The maximum number of concurrent lookups: those started within [`FRESH`], and all.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) fresh: usize,
    pub(super) all: usize,
}

/// The state of a lookup.
#[derive(Clone)]
pub(super) enum Progress {
    /// It is queued.
    Waiting,
    /// It has started.
    Begun,
    /// It was dropped because no caller waited for it; the next caller starts it again.
    Abandoned,
    Done(Answer),
}

pub(super) type Watch = Arc<watch::Sender<Progress>>;

/// A queued lookup.
struct Job {
    name: String,
    progress: Watch,
}

/// The lookups of one resolver.
pub(super) struct Pool {
    answerer: Arc<Answerer>,
    state: Mutex<State>,
    /// The clock for the age of answers.
    clock: Clock,
}

struct State {
    queue: Fair<Job>,
    running: HashMap<u64, Instant>,
    begun: u64,
    limits: Limits,
    ticking: bool,
}

/// A started lookup. If it is dropped before it ends, it failed because of a bug.
struct Running {
    pool: Arc<Pool>,
    number: u64,
    job: Option<Job>,
}

impl Limits {
    /// The limits that this process's descriptors allow: a system lookup needs one, a lookup at a DNS server two, and
    /// most are reserved for connections.
    pub(super) fn of(answerer: &Answerer) -> Self {
        let descriptors = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        let (part, most, fresh) = match answerer {
            Answerer::System(_) => (4, 512, 32),
            Answerer::Server(..) => (8, 1024, 64),
        };
        let all = usize::try_from(descriptors / part).unwrap_or(most).clamp(4, most);
        Self { fresh: fresh.min(all), all }
    }
}

impl Pool {
    pub(super) fn new(answerer: Answerer, limits: Limits) -> Arc<Self> {
        Self::of(Arc::new(answerer), limits, Clock::default())
    }

    fn of(answerer: Arc<Answerer>, limits: Limits, clock: Clock) -> Arc<Self> {
        let state = State { queue: Fair::default(), running: HashMap::new(), begun: 0, limits, ticking: false };
        Arc::new(Self { answerer, state: Mutex::new(state), clock })
    }

    /// A pool with the same answerer, whose answers age by `clock`.
    pub(super) fn by_clock(&self, clock: &Clock) -> Arc<Self> {
        Self::of(Arc::clone(&self.answerer), self.state().limits, clock.clone())
    }

    /// The current time by the pool's clock.
    pub(super) fn now(&self) -> Instant {
        self.clock.instant()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks `name` up when its turn comes.
    pub(super) fn add(self: &Arc<Self>, name: String, progress: Watch) {
        let zone = zone(&name).to_owned();
        self.state().queue.push(&zone, Job { name, progress });
        self.start();
    }

    /// Starts as many queued lookups as may run.
    fn start(self: &Arc<Self>) {
        while let Some(running) = self.next() {
            self.launch(running);
        }
        let mut state = self.state();
        if state.queue.is_empty() || state.ticking {
            return;
        }
        state.ticking = true;
        drop(state);
        self.tick();
    }

    fn next(self: &Arc<Self>) -> Option<Running> {
        let mut state = self.state();
        loop {
            let Limits { fresh, all } = state.limits;
            let now = Instant::now();
            let young = state.running.values().filter(|since| now.duration_since(**since) < FRESH).count();
            if state.running.len() >= all || young >= fresh {
                return None;
            }
            let job = state.queue.pop()?;
            if job.progress.receiver_count() == 0 {
                state.queue.end(zone(&job.name));
                job.progress.send_replace(Progress::Abandoned);
                continue;
            }
            job.progress.send_replace(Progress::Begun);
            state.begun += 1;
            let number = state.begun;
            state.running.insert(number, now);
            return Some(Running { pool: Arc::clone(self), number, job: Some(job) });
        }
    }

    fn launch(self: &Arc<Self>, running: Running) {
        let answerer = Arc::clone(&self.answerer);
        match &*self.answerer {
            Answerer::System(_) => {
                // If the thread cannot be spawned, the closure is lost, but the slot still holds `running`.
                let slot = Arc::new(Mutex::new(Some(running)));
                let take = |slot: &Mutex<Option<Running>>| slot.lock().unwrap_or_else(PoisonError::into_inner).take();
                let taken = Arc::clone(&slot);
                let spawned = threads::spawn("resolve", move || {
                    if let (Some(running), Answerer::System(lookup)) = (take(&taken), &*answerer) {
                        let since = Instant::now();
                        let found = lookup(running.name()).map(|addresses| Found { addresses, until: None });
                        running.end(found, since);
                    }
                });
                if spawned.is_err()
                    && let Some(running) = take(&slot)
                {
                    self.put_back(running);
                }
            }
            Answerer::Server(_, runtime) => {
                let runtime = runtime.clone().unwrap_or_else(Handle::current);
                runtime.spawn(async move {
                    let Answerer::Server(client, _) = &*answerer else { return };
                    let since = Instant::now();
                    let progress = running.progress();
                    tokio::select! {
                        found = client.addresses(running.name()) => running.end(found, since),
                        () = async { if let Some(progress) = &progress { progress.closed().await } } => running.abandon(),
                    }
                });
            }
        }
    }

    /// Queues `running` again after a failure to spawn its thread. If no other lookup runs, it fails instead.
    fn put_back(&self, mut running: Running) {
        let mut state = self.state();
        state.running.remove(&running.number);
        let Some(job) = running.job.take() else { return };
        let zone = zone(&job.name).to_owned();
        state.queue.end(&zone);
        if state.running.is_empty() {
            drop(state);
            job.progress.send_replace(Progress::Done(answer(
                &job.name,
                Err(LookupError::NoThread),
                Duration::ZERO,
                self.now(),
            )));
        } else {
            state.limits.all = state.running.len();
            job.progress.send_replace(Progress::Waiting);
            state.queue.push(&zone, job);
        }
    }

    /// Starts queued lookups at intervals, until the queue is empty.
    fn tick(self: &Arc<Self>) {
        let pool = Arc::downgrade(self);
        match &*self.answerer {
            Answerer::System(_) => {
                let spawned = threads::spawn("resolve", move || {
                    loop {
                        thread::sleep(TICK);
                        if !start_queued(&pool) {
                            return;
                        }
                    }
                });
                if spawned.is_err() {
                    // The end of a running lookup starts queued ones too.
                    self.state().ticking = false;
                }
            }
            Answerer::Server(_, runtime) => {
                let runtime = runtime.clone().unwrap_or_else(Handle::current);
                runtime.spawn(async move {
                    loop {
                        tokio::time::sleep(TICK).await;
                        if !start_queued(&pool) {
                            return;
                        }
                    }
                });
            }
        }
    }

    fn ended(&self, number: u64, name: &str) {
        let mut state = self.state();
        state.running.remove(&number);
        state.queue.end(zone(name));
    }
}

/// Starts queued lookups, and returns whether more are waiting.
fn start_queued(pool: &Weak<Pool>) -> bool {
    let Some(pool) = pool.upgrade() else { return false };
    pool.start();
    let mut state = pool.state();
    state.ticking = !state.queue.is_empty();
    state.ticking
}

impl Running {
    fn name(&self) -> &str {
        self.job.as_ref().map_or("", |job| &job.name)
    }

    fn progress(&self) -> Option<Watch> {
        self.job.as_ref().map(|job| Arc::clone(&job.progress))
    }

    fn end(mut self, found: Result<Found, LookupError>, since: Instant) {
        if let Some(job) = self.job.take() {
            job.progress.send_replace(Progress::Done(answer(&job.name, found, since.elapsed(), self.pool.now())));
            self.pool.ended(self.number, &job.name);
            self.pool.start();
        }
    }

    fn abandon(mut self) {
        if let Some(job) = self.job.take() {
            job.progress.send_replace(Progress::Abandoned);
            self.pool.ended(self.number, &job.name);
            self.pool.start();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(job) = self.job.take() {
            job.progress.send_replace(Progress::Done(answer(
                &job.name,
                Err(LookupError::Broke),
                Duration::ZERO,
                self.pool.now(),
            )));
            self.pool.ended(self.number, &job.name);
        }
    }
}
