//! One run: its job, its end, and its events.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::mpsc::{self, WeakUnboundedSender};
use tokio::sync::oneshot;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use super::accounts::First;
use super::check::Shared;
use super::checks_under_way::{Left, probe_all};
use super::core::Core;
use super::events::{Batch, Events, Telling};
use super::files;
use super::group::{Expectations, Group, Grouped, group, secrets};
use super::lane::Lane;
use super::ledger::{self, Early};
use super::looks::Looks;
use super::outbox::{self, Outbox, strike};
use super::outcome::Outcome;
use super::progress::cancelled;
use super::scan_time::ScanTime;
use super::settings::Settings;
use super::stop::StopHandle;
use crate::driver::Registry;
use crate::model::class::{Class, Status};
use crate::model::connection::Connection;
use crate::model::limit::Limit;
use crate::model::redact::{Gathering, Secrets};
use crate::model::result::{Ended, SourceSummary};
use crate::threads;

/// The time that reporting one result takes after the end of a run. The run ends earlier by this time for each result,
/// so that its report is complete before the deadline.
const REPORTING: Duration = Duration::from_micros(15);

/// A run with more connections than this has its own clock.
const LARGE: usize = 1000;

/// How long the listener may take to report the end of a run that was cut short, before its checks are dropped.
const LISTENING: Duration = Duration::from_millis(500);

/// What to run.
#[derive(Clone)]
pub struct Job {
    /// The connections to check; each gets exactly one result.
    pub connections: Vec<Connection>,
    /// What the servers of some of them must have besides the login.
    pub expectations: Expectations,
    /// The sources that were read, for the reports.
    pub sources: Vec<SourceSummary>,
    /// The drivers to use.
    pub registry: Registry,
    /// The reason why held logins may go, if there is one.
    pub early: Option<Early>,
    /// The secrets that no result may show, besides those of the connections.
    pub secrets: Gathering,
    /// Limits and requirements.
    pub settings: Settings,
}

impl Job {
    /// A check of `connections` with the built-in drivers.
    #[must_use]
    pub fn new(connections: Vec<Connection>, settings: Settings) -> Self {
        Self {
            connections,
            expectations: Expectations::new(),
            sources: Vec::new(),
            registry: Registry::builtin().clone(),
            early: None,
            secrets: Gathering::default(),
            settings,
        }
    }
}

/// A run that is under way.
pub struct Run {
    /// The events, ending with [`Finished`](crate::model::event::Event::Finished).
    pub events: Events,
    /// Ends the run early.
    pub stop: StopHandle,
    /// Closed once no login is under way any more.
    settled: Receiver<Infallible>,
}

impl Run {
    /// Waits until the logins have ended that go on after their results because their credential has left; for
    /// `patience` at most. Not for asynchronous code.
    pub fn settle(&self, patience: Duration) {
        // Nothing is ever sent: the channel closes, or time is up.
        let _closed_or_late = self.settled.recv_timeout(patience);
    }
}

/// Starts `job` on `core`. `stop` ends it early.
pub(super) fn start(core: &Arc<Core>, job: Job, stop: &StopHandle) -> io::Result<Run> {
    let Job { connections, expectations, sources, registry, early, secrets: sent, mut settings } = job;
    settings.timeout = Limit::new(settings.timeout).get();
    let (total, stop) = (connections.len(), stop.below());
    let deadline = settings.deadline.map(|deadline| Instant::now() + until_reports(Limit::new(deadline).get(), total));
    let workers = if settings.dry_run || total == 0 { None } else { Some(core.workers()?) };
    let own = if total > LARGE { Some(Lane::open()?) } else { None };
    let lane = own.as_ref().unwrap_or(&core.lane);
    let (batches, received) = mpsc::unbounded_channel();
    let scan_time = ScanTime::until(stop.clone(), deadline.map(Instant::into_std));
    let (making, made) = oneshot::channel();
    let (planned, plans) = oneshot::channel();
    let (handle, dry_run, no_detail) = (stop.clone(), settings.dry_run, settings.no_detail);
    let limit = settings.timeout;
    let announced = Arc::clone(&core.accounts);
    threads::spawn("plan", move || {
        let stopped = || handle.ended().map(cancelled);
        let mut grouped = group(connections, expectations, &registry, stopped);
        if !dry_run {
            files::look(&mut grouped.groups, limit);
        }
        // Without a login there is no text from a server to search.
        let stop = || dry_run || handle.ended().is_some();
        let secrets = if no_detail { Secrets::hiding_all() } else { secrets(sent, &grouped, stop) };
        let first = |group: &Group| {
            if dry_run { None } else { announced.announce(&group.login(group.keys(&[]), "", Duration::ZERO, None)) }
        };
        let first = grouped.groups.iter().map(first).collect();
        // The receiver is gone if the run has ended.
        drop(planned.send(Planned { grouped, first, secrets }));
    })?;
    let (hearing, heard) = oneshot::channel();
    let started_at = core.clock.timestamp();
    let telling = Telling { batches: received, made: making, hearing, total, sources, dry_run, scan_time, started_at };
    let events = Events::of(lane.results(), telling);
    let (engine, awaited) = (Arc::clone(core), TaskTracker::new());
    let under = Under { engine, workers, early, awaited, settings, deadline, stop: stop.clone() };
    let (settling, settled) = channel::<Infallible>();
    let directed = lane.clock().spawn(async move {
        let Left { mut tasks, groups } = under.direct(plans, Outbox::new(batches)).await;
        under.awaited.close();
        under.awaited.wait().await;
        drop(made.await);
        drop(settling);
        if !groups.is_empty() {
            // The report needs the processors first.
            drop(tokio::time::timeout(LISTENING, heard).await);
        }
        // This gives their tickets back.
        tasks.shutdown().await;
        drop(groups);
    });
    if let Some(own) = own {
        core.lane.clock().spawn(async move {
            drop(directed.await);
            drop(own);
        });
    }
    Ok(Run { events, stop, settled })
}

/// How long a run of `total` connections goes on, if it has to be over after `deadline` with its reports: at least an
/// eighth of `deadline`.
fn until_reports(deadline: Duration, total: usize) -> Duration {
    let reports = REPORTING * u32::try_from(total).unwrap_or(u32::MAX);
    deadline.saturating_sub(reports).max(deadline / 8)
}

/// The result of planning.
struct Planned {
    grouped: Grouped,
    /// For each group whose secret was never refused; checks with refused secrets wait for these.
    first: Vec<Option<First>>,
    secrets: Secrets,
}

/// A run on its clock. It keeps the engine alive.
struct Under {
    engine: Arc<Core>,
    /// Without workers there are no logins.
    workers: Option<Handle>,
    early: Option<Early>,
    /// Logins that go on after their results.
    awaited: TaskTracker,
    settings: Settings,
    deadline: Option<Instant>,
    stop: StopHandle,
}

impl Under {
    /// Runs from the plans to the last outcome.
    async fn direct(&self, plans: oneshot::Receiver<Planned>, mut outbox: Outbox) -> Left {
        tokio::pin!(plans);
        let grouped = loop {
            tokio::select! {
                grouped = &mut plans => break grouped,
                () = strike(self.deadline), if self.stop.ended().is_none() => self.stop.stop(Ended::Deadline),
                () = outbox.unheard() => return Left::default(),
            }
        };
        // If planning panicked, the events end without `Finished`.
        let Ok(Planned { grouped: Grouped { groups, refused }, first, secrets }) = grouped else {
            return Left::default();
        };
        let secrets = Arc::new(secrets);
        outbox.send(Batch::Secrets(Arc::clone(&secrets)));
        let steps = (self.settings.steps || self.settings.waiting.is_some()).then(|| outbox.batches());
        let untried = |failure| Box::new(Outcome::untried(failure, self.engine.clock.timestamp()));
        if let Some(waiting) = &self.settings.waiting
            && !waiting.keep_going
            && refused.iter().any(|(_, failure)| failure.status != Status::Skipped && failure.class != Class::Cancelled)
        {
            self.stop.stop(Ended::GivenUp);
        }
        let mut refused = refused.into_iter().map(|(member, failure)| (Box::new(member), untried(Some(failure))));
        while let Some(first) = refused.next() {
            let together = std::iter::once(first).chain(refused.by_ref().take(outbox::MOST - 1));
            outbox.send(Batch::Untried(together.collect()));
        }
        let mut left = Left::default();
        if let Some(workers) = &self.workers {
            let shared = Arc::new(self.shared(workers, secrets, steps));
            left = probe_all(groups.into_iter().zip(first), &shared, self.deadline, &self.stop, &mut outbox).await;
        } else {
            for group in groups {
                outbox.add(Arc::new(group), untried(None));
            }
        }
        outbox.deliver();
        let warnings = self.workers.as_ref().map(|_| ledger::warnings(self.engine.accounts.ledger()));
        outbox.send(Batch::End(self.stop.ended().unwrap_or(Ended::Complete), warnings.unwrap_or_default()));
        left
    }

    /// What the checks share, with each other and with those of other runs.
    fn shared(&self, workers: &Handle, secrets: Arc<Secrets>, steps: Option<WeakUnboundedSender<Batch>>) -> Shared {
        let engine = &self.engine;
        Shared {
            network: engine.networks.of(&self.settings.policy, workers),
            accounts: Arc::clone(&engine.accounts),
            early: self.early,
            tasks: self.awaited.clone(),
            limits: Arc::clone(&engine.limits),
            looks: Looks::default(),
            interruptions: Arc::clone(&engine.interruptions),
            breaker: Arc::clone(&engine.breaker),
            controls: Arc::clone(&engine.controls),
            lag: engine.lag(workers),
            steps,
            clock: engine.clock.clone(),
            workers: workers.clone(),
            secrets,
            settings: self.settings.clone(),
            began: std::time::Instant::now(),
            deadline: self.deadline.map(Instant::into_std),
            stop: self.stop.clone(),
        }
    }
}
