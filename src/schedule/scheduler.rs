//! `Schedule`: the loop that gives connections to the engine when they are due, and hands on what came of them.
//! `Scheduler` is the handle to it.
//!
//! Connections that are due at about the same moment are one job of the engine. A connection is never checked twice at
//! once, and a check that is late is not made up for.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet, VecDeque};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::beat::Beat;
use super::blind::Sight;
use super::interval::Intervals;
use super::pools::{Pool, Pools};
use super::state::{Change, Damping, Standing};
use super::watched::Watched;
use crate::driver::Registry;
use crate::engine::{Engine, Job, Settings};
use crate::model::connection::Connection;
use crate::model::event::Event;
use crate::model::result::{Address, CheckResult};

/// Checks that are due within this time begin together.
const TOGETHER: Duration = Duration::from_millis(50);
/// A check is late if it begins this part of its interval after it was due: a tenth.
const LATE: u32 = 10;

/// How a schedule works.
#[derive(Clone, Debug)]
pub struct Config {
    /// How often each connection is checked.
    pub intervals: Intervals,
    /// How many checks in a row change a state.
    pub damping: Damping,
    /// The limits and requirements of each check. Its time limit is never longer than half the interval.
    pub settings: Settings,
    /// How many checks may be under way at once.
    pub at_once: usize,
    /// The shortest time between two checks of one connection that somebody asks for.
    pub min_interval: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            intervals: Intervals::default(),
            damping: Damping::default(),
            settings: Settings::default(),
            at_once: 256,
            min_interval: Duration::from_secs(10),
        }
    }
}

/// What a schedule tells.
#[derive(Clone, Debug)]
pub enum Happened {
    /// A check has ended.
    Checked {
        /// Its result.
        result: Arc<CheckResult>,
        /// The change of the connection's state, if there is one. None while this machine is cut off.
        change: Option<Change>,
    },
    /// This machine no longer sees its servers, or sees them again.
    Blind(bool),
}

/// How late checks begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lateness {
    /// How late the last one was.
    pub last: Duration,
    /// How many were late by more than a tenth of their interval.
    pub late: u64,
    /// How many there were.
    pub checks: u64,
}

/// The answer to somebody who asks for a check.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The result.
    pub result: Arc<CheckResult>,
    /// How old it is; zero for a new one.
    pub age: Duration,
}

/// A request to a schedule.
enum Request {
    Replace(Vec<Connection>, oneshot::Sender<()>),
    Check(String, oneshot::Sender<Option<Asked>>),
    Look(Box<dyn FnOnce(&Schedule) + Send>),
}

/// A handle to a schedule, which ends when the last one is dropped.
#[derive(Clone)]
pub struct Scheduler(mpsc::UnboundedSender<Request>);

impl Scheduler {
    /// Checks these connections from now on, and no others. A connection whose definition is unchanged keeps its phase
    /// and state; a new or changed one is checked at once. Ends when that is done, or the schedule.
    pub async fn replace(&self, connections: Vec<Connection>) {
        let (done, is_done) = oneshot::channel();
        if self.0.send(Request::Replace(connections, done)).is_ok() {
            drop(is_done.await);
        }
    }

    /// Checks the connection `id` now, unless a check is under way, which is joined, or the last one is more recent than
    /// the least interval. `None` if there is no such connection, or the schedule has ended.
    pub async fn check(&self, id: &str) -> Option<Asked> {
        let (answer, answered) = oneshot::channel();
        self.0.send(Request::Check(id.to_owned(), answer)).ok()?;
        answered.await.ok().flatten()
    }

    /// What `look` sees of the schedule; `None` if it has ended.
    pub async fn look<T: Send + 'static>(&self, look: impl FnOnce(&Schedule) -> T + Send + 'static) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        // Nobody may wait for the answer any more.
        let request = move |schedule: &Schedule| drop(answer.send(look(schedule)));
        self.0.send(Request::Look(Box::new(request))).ok()?;
        answered.await.ok()
    }
}

/// A schedule.
pub struct Schedule {
    config: Config,
    engine: Engine,
    registry: Registry,
    began: Instant,
    watched: HashMap<String, Watched>,
    /// When which connection is due. An entry whose moment is not the connection's own is outdated.
    due: BinaryHeap<Reverse<(Duration, String)>>,
    /// Connections that are due and wait for a place in their pool.
    waiting: [VecDeque<(Duration, String)>; 2],
    pools: Pools,
    /// Who waits for the check that is under way.
    askers: HashMap<String, Vec<oneshot::Sender<Option<Asked>>>>,
    /// The number of the last job.
    jobs: u64,
    sight: Sight,
    lateness: Lateness,
    happened: mpsc::UnboundedSender<Happened>,
    ended: mpsc::UnboundedSender<Ended>,
}

/// The end of checks.
enum Ended {
    Result(Arc<CheckResult>),
    /// The job of this number gives no more results; these were in it.
    Job(u64, Vec<String>),
}

impl Schedule {
    /// Starts a schedule of no connection on the current runtime. What happens goes to the second part of the answer.
    #[must_use]
    pub fn start(config: Config, engine: Engine, registry: Registry) -> (Scheduler, mpsc::UnboundedReceiver<Happened>) {
        let (requests, mut requested) = mpsc::unbounded_channel();
        let (happened, happening) = mpsc::unbounded_channel();
        let (ended, mut ends) = mpsc::unbounded_channel();
        let mut schedule = Self {
            pools: Pools::new(config.at_once),
            config,
            engine,
            registry,
            began: Instant::now(),
            watched: HashMap::new(),
            due: BinaryHeap::new(),
            waiting: Default::default(),
            askers: HashMap::new(),
            jobs: 0,
            sight: Sight::default(),
            lateness: Lateness::default(),
            happened,
            ended,
        };
        tokio::spawn(async move {
            loop {
                schedule.begin_what_is_due();
                let next = schedule.next();
                tokio::select! {
                    request = requested.recv() => match request {
                        Some(request) => schedule.answer(request),
                        None => break,
                    },
                    Some(end) = ends.recv() => schedule.end(end),
                    () = tokio::time::sleep_until(next.into()) => {}
                }
            }
        });
        (Scheduler(requests), happening)
    }

    /// The connections, by id.
    #[must_use]
    pub fn watched(&self) -> &HashMap<String, Watched> {
        &self.watched
    }

    /// How late checks begin.
    #[must_use]
    pub fn lateness(&self) -> Lateness {
        self.lateness
    }

    /// Whether this machine is cut off.
    #[must_use]
    pub fn is_blind(&self) -> bool {
        self.sight.is_blind()
    }

    /// The time since the schedule began.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// When the next connection is due.
    fn next(&self) -> Instant {
        let due = self.due.peek().map_or(Duration::from_hours(1), |Reverse((due, _))| *due);
        // Not before the checks that are due a moment later.
        self.began + due + TOGETHER / 2
    }

    fn answer(&mut self, request: Request) {
        match request {
            Request::Replace(connections, done) => {
                self.replace(connections);
                // Whoever asked may be gone.
                let _gone = done.send(());
            }
            Request::Check(id, answer) => self.check(&id, answer),
            Request::Look(look) => look(self),
        }
    }

    fn replace(&mut self, connections: Vec<Connection>) {
        let now = self.now();
        let mut former = std::mem::take(&mut self.watched);
        for connection in connections {
            let id = connection.id();
            let driver = connection.normalized_type().and_then(|word| self.registry.get(&word));
            let interval = self.config.intervals.of(&connection, driver.map(|driver| driver.spec().name));
            let watched = match former.remove(&id) {
                Some(same) if same.is(&connection) && same.interval() == interval => {
                    self.watched.insert(id, same);
                    continue;
                }
                Some(mut changed) => {
                    changed.beat = changed.beat.at_interval(interval, now);
                    changed.is_outdated = changed.under_way.is_some();
                    changed.is_wanted = true;
                    changed.redefine(connection);
                    self.due.push(Reverse((now, id.clone())));
                    changed
                }
                None => Watched::new(connection, Beat::new(&id, interval, now)),
            };
            self.due.push(Reverse((watched.beat.due(), id.clone())));
            self.watched.insert(id, watched);
        }
        for (id, gone) in former {
            if let Some((pool, _)) = gone.under_way {
                self.pools.give_back(pool);
            }
            self.askers.remove(&id);
        }
        let hosts: HashSet<&str> =
            self.watched.values().filter_map(|watched| watched.connection.host.as_deref()).collect();
        self.sight.keep(|host| hosts.contains(host));
    }

    fn check(&mut self, id: &str, answer: oneshot::Sender<Option<Asked>>) {
        let now = self.now();
        let Some(watched) = self.watched.get(id) else {
            let _gone = answer.send(None);
            return;
        };
        let recent =
            watched.last.as_ref().zip(watched.checked).filter(|(_, checked)| {
                !watched.is_under_way() && now.saturating_sub(*checked) < self.config.min_interval
            });
        if let Some((result, checked)) = recent {
            let _gone = answer.send(Some(Asked { result: Arc::clone(result), age: now.saturating_sub(checked) }));
            return;
        }
        self.askers.entry(id.to_owned()).or_default().push(answer);
        if !watched.is_under_way() {
            self.waiting[watched.pool() as usize].push_front((now, id.to_owned()));
            if let Some(watched) = self.watched.get_mut(id) {
                watched.is_waiting = true;
            }
        }
    }

    /// Gives the engine every connection that is due and has a place.
    fn begin_what_is_due(&mut self) {
        let now = self.now();
        while let Some(Reverse((due, _))) = self.due.peek()
            && *due <= now + TOGETHER / 2
            && let Some(Reverse((due, id))) = self.due.pop()
        {
            let Some(watched) = self.watched.get_mut(&id) else { continue };
            let is_regular = watched.beat.due() == due;
            if is_regular {
                watched.beat.advance(now.max(due));
                self.due.push(Reverse((watched.beat.due(), id.clone())));
            }
            // Any other entry is of a moment that is not the connection's any more.
            if (is_regular || watched.is_wanted) && watched.under_way.is_none() && !watched.is_waiting {
                watched.is_waiting = true;
                self.waiting[watched.pool() as usize].push_back((due, id));
            }
        }
        let mut ids = Vec::new();
        for pool in [Pool::Usual, Pool::Slow] {
            while !self.waiting[pool as usize].is_empty() && self.pools.take(pool) {
                let Some((due, id)) = self.waiting[pool as usize].pop_front() else { break };
                // One that was asked for is in front, and has its former place still.
                let watched = self.watched.get_mut(&id);
                let watched = watched.filter(|watched| watched.is_waiting && watched.under_way.is_none());
                let Some(watched) = watched else {
                    self.pools.give_back(pool);
                    continue;
                };
                (watched.is_wanted, watched.is_waiting) = (false, false);
                watched.under_way = Some((pool, 0));
                let late = now.saturating_sub(due);
                self.lateness.last = late;
                self.lateness.checks += 1;
                self.lateness.late += u64::from(late > watched.beat.interval() / LATE);
                ids.push(id);
            }
        }
        if !ids.is_empty() {
            self.begin(ids);
        }
    }

    /// Starts jobs for `ids`, one for each time limit.
    fn begin(&mut self, ids: Vec<String>) {
        let mut jobs: HashMap<Duration, Vec<String>> = HashMap::new();
        for id in ids {
            if let Some(watched) = self.watched.get(&id) {
                let limit = self.config.settings.timeout.min(watched.interval() / 2);
                jobs.entry(limit).or_default().push(id);
            }
        }
        for (timeout, ids) in jobs {
            self.jobs += 1;
            let mut connections = Vec::with_capacity(ids.len());
            for id in &ids {
                if let Some(watched) = self.watched.get_mut(id) {
                    watched.under_way = watched.under_way.map(|(pool, _)| (pool, self.jobs));
                    connections.push((*watched.connection).clone());
                }
            }
            let settings = Settings { timeout, ..self.config.settings.clone() };
            let job = Job { registry: self.registry.clone(), ..Job::new(connections, settings) };
            if self.follow(job, ids.clone()).is_err() {
                // The system gives no thread: they are checked when they are due again.
                self.end(Ended::Job(self.jobs, ids));
            }
        }
    }

    fn follow(&self, job: Job, ids: Vec<String>) -> io::Result<()> {
        let mut events = self.engine.run(job)?.events;
        let (number, ended) = (self.jobs, self.ended.clone());
        tokio::spawn(async move {
            while let Some(event) = events.next().await {
                if let Event::Result(result) = event {
                    // The schedule may have ended.
                    let _gone = ended.send(Ended::Result(result));
                }
            }
            let _gone = ended.send(Ended::Job(number, ids));
        });
        Ok(())
    }

    fn end(&mut self, end: Ended) {
        match end {
            Ended::Result(result) => self.note(result),
            // What is still under way has no result.
            Ended::Job(number, ids) => {
                for id in ids {
                    let watched = self.watched.get_mut(&id);
                    let Some(watched) =
                        watched.filter(|watched| watched.under_way.is_some_and(|(_, job)| job == number))
                    else {
                        continue;
                    };
                    if let Some((pool, _)) = watched.under_way.take() {
                        self.pools.give_back(pool);
                    }
                    for asker in self.askers.remove(&id).unwrap_or_default() {
                        let _gone = asker.send(None);
                    }
                }
            }
        }
    }

    fn note(&mut self, result: Arc<CheckResult>) {
        let now = self.now();
        let Some(watched) = self.watched.get_mut(&result.id) else { return };
        if let Some((pool, _)) = watched.under_way.take() {
            self.pools.give_back(pool);
        }
        if std::mem::take(&mut watched.is_outdated) {
            // The definition has changed meanwhile: this says nothing of the new one.
            watched.is_wanted = true;
            self.due.push(Reverse((now, result.id.clone())));
            return;
        }
        let standing = Standing { status: result.status, class: result.failure.as_ref().map(|failure| failure.class) };
        let interval = watched.interval();
        let was_blind = self.sight.is_blind();
        if let Some(host) = watched.connection.host.as_deref() {
            let address = match &result.address {
                Some(Address::Ip(address)) => Some(address.ip()),
                _ => None,
            };
            self.sight.note(host, address, standing.class, now, interval);
        }
        let is_blind = self.sight.is_blind();
        // Whoever sees nothing keeps the last state.
        let change = if is_blind && standing.class.is_some() {
            None
        } else {
            watched.state.note(standing, ended_at(&result), self.config.damping)
        };
        watched.last = Some(Arc::clone(&result));
        watched.checked = Some(now);
        for asker in self.askers.remove(&result.id).unwrap_or_default() {
            let _gone = asker.send(Some(Asked { result: Arc::clone(&result), age: Duration::ZERO }));
        }
        if was_blind != is_blind {
            let _gone = self.happened.send(Happened::Blind(is_blind));
        }
        let _gone = self.happened.send(Happened::Checked { result, change });
    }
}

/// When the check of `result` ended.
fn ended_at(result: &CheckResult) -> Timestamp {
    result.started_at.checked_add(result.elapsed).unwrap_or(result.started_at)
}
