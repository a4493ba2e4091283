//! One run: its threads, its end, and its events.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvError, Sender, channel};
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use super::accounts::{Accounts, First};
use super::breaker::Breaker;
use super::check::{Shared, check};
use super::events::{Batch, Events};
use super::files;
use super::group::{Group, Grouped, group, secrets};
use super::interruptions::Interruptions;
use super::judging::Judging;
use super::lag::Lag;
use super::ledger::{self, Clock, Early, Ledger, MemoryLedger};
use super::limits::Limits;
use super::outcome::Outcome;
use super::progress::{Progress, cancelled};
use super::remembered::Remembered;
use super::settings::Settings;
use super::workers::Workers;
use crate::driver::Registry;
use crate::driver::controls::Controls;
use crate::model::connection::Connection;
use crate::model::limit::Limit;
use crate::model::redact::{Gathering, Secrets};
use crate::model::result::{Ended, SourceSummary};
use crate::net::guard::Budget;
use crate::threads;

/// How long an outcome may lie until others go out with it: to wake who listens costs as much as many of them.
const DELIVERY: Duration = Duration::from_millis(10);

/// What the report of one result takes after the end of a run; as much earlier it ends, so that its report does not
/// come after the deadline.
const REPORTING: Duration = Duration::from_micros(15);

/// So many checks are begun before the clock looks at the time again.
const SLICE: usize = 128;

/// What to run.
pub struct Job {
    /// The connections to check; each gets exactly one result.
    pub connections: Vec<Connection>,
    /// What was read, for the reports.
    pub sources: Vec<SourceSummary>,
    /// The drivers to use.
    pub registry: &'static Registry,
    /// What is remembered of accounts.
    pub ledger: Arc<dyn Ledger>,
    /// What lets logins through that are held.
    pub early: Option<Early>,
    /// What no result may show, besides the secrets of the connections.
    pub secrets: Gathering,
    /// Limits and demands.
    pub settings: Settings,
}

impl Job {
    /// A check of `connections` with the built-in drivers; accounts are remembered for this run only.
    #[must_use]
    pub fn new(connections: Vec<Connection>, settings: Settings) -> Self {
        Self {
            connections,
            sources: Vec::new(),
            registry: Registry::builtin(),
            ledger: Arc::new(MemoryLedger::new(Clock::default())),
            early: None,
            secrets: Gathering::default(),
            settings,
        }
    }
}

/// A run under way. When it is dropped, what its probes left behind in the driver crates is taken down; crates
/// that find a task of theirs gone may panic then.
pub struct Run {
    /// What happens, ending with [`Finished`](crate::model::event::Event::Finished).
    pub events: Events,
    /// Ends the run early.
    pub stop: StopHandle,
    /// Closed once no login goes on any more.
    settled: Receiver<Infallible>,
    /// The threads of the probes live as long as this.
    _workers: Sender<Infallible>,
}

impl Run {
    /// Waits until the logins have ended whose results are not waited for any more, since their credential has left;
    /// no longer than `patience`.
    pub fn settle(&self, patience: Duration) {
        // Nothing ever comes: it is closed, or time is up.
        let _closed_or_late = self.settled.recv_timeout(patience);
    }
}

/// Ends a run early: every unfinished check becomes `cancelled`, and the report is still complete.
#[derive(Clone, Default)]
pub struct StopHandle(Arc<watch::Sender<Option<Ended>>>);

impl StopHandle {
    /// Why the run ends early, if it does.
    pub(super) fn ended(&self) -> Option<Ended> {
        *self.0.borrow()
    }

    /// Ends the run, once; later calls change nothing.
    pub fn stop(&self, ended: Ended) {
        self.0.send_if_modified(|current| {
            let first = current.is_none();
            current.get_or_insert(ended);
            first
        });
    }
}

/// Starts a run on threads of its own.
///
/// # Errors
///
/// When a thread or runtime cannot be had.
pub fn run(job: Job) -> io::Result<Run> {
    run_until(job, StopHandle::default())
}

/// As [`run`], where `stop` ends it: a handle that was used before ends it before anything is tried.
///
/// # Errors
///
/// When a thread or runtime cannot be had.
pub fn run_until(job: Job, stop: StopHandle) -> io::Result<Run> {
    // One process-wide provider, for the crates that look for it.
    let _already_installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let Job { connections, sources, registry, ledger, early, secrets: sent, mut settings } = job;
    settings.timeout = Limit::new(settings.timeout).get();
    let total = connections.len();
    let deadline = settings.deadline.map(|deadline| Instant::now() + until_reports(Limit::new(deadline).get(), total));
    let workers = if settings.dry_run { None } else { Workers::start(total)? };
    let clock = Builder::new_current_thread().enable_time().build()?;
    let (batches, received) = channel();
    let judging = Judging::until(stop.clone(), deadline.map(Instant::into_std));
    let events = Events::of(received, total, sources, settings.dry_run, judging)?;
    let (planned, plans) = oneshot::channel();
    let (handle, dry_run, no_detail) = (stop.clone(), settings.dry_run, settings.no_detail);
    let limit = settings.timeout;
    let accounts = Accounts::new(ledger);
    let announced = Arc::clone(&accounts);
    threads::spawn("plan", move || {
        let stopped = || handle.ended().map(cancelled);
        let mut grouped = group(connections, registry, stopped);
        if !dry_run {
            files::look(&mut grouped.groups, limit);
        }
        // Nothing is said by a server where none is asked.
        let stop = || dry_run || handle.ended().is_some();
        let secrets = if no_detail { Secrets::hiding_all() } else { secrets(sent, &grouped, stop) };
        let first = |group: &Group| {
            if dry_run { None } else { announced.announce(&group.login(group.keys(&[]), "", Duration::ZERO, None)) }
        };
        let first = grouped.groups.iter().map(first).collect();
        // Nobody waits for it when the clock's thread cannot be had.
        drop(planned.send(Planned { grouped, first, secrets }));
    })?;
    let handle = stop.clone();
    let (holder, held) = channel();
    let (settling, settled) = channel();
    threads::spawn("clock", move || {
        let outbox = Outbox { batches, ready: Vec::new(), due: None };
        let beyond = Beyond { accounts, early, tasks: TaskTracker::new() };
        clock.block_on(async {
            direct(plans, settings, deadline, &handle, outbox, workers.as_ref().map(Workers::handle), &beyond).await;
            beyond.tasks.close();
            beyond.tasks.wait().await;
        });
        drop(settling);
        let Err(RecvError) = held.recv();
    })?;
    Ok(Run { events, stop, settled, _workers: holder })
}

/// How long a run of `total` connections that is to be over, reports and all, after `deadline` goes on: an eighth of it in
/// any case.
fn until_reports(deadline: Duration, total: usize) -> Duration {
    let reports = REPORTING * u32::try_from(total).unwrap_or(u32::MAX);
    deadline.saturating_sub(reports).max(deadline / 8)
}

/// What was planned.
struct Planned {
    grouped: Grouped,
    /// For each group whose secret was never refused: those that were wait for it.
    first: Vec<Option<First>>,
    secrets: Secrets,
}

/// What a run holds beyond its checks.
struct Beyond {
    accounts: Arc<Accounts>,
    early: Option<Early>,
    /// Logins that go on without their results being waited for.
    tasks: TaskTracker,
}

/// The clock's side of a run; without `workers` nobody is logged in to.
async fn direct(
    plans: oneshot::Receiver<Planned>,
    settings: Settings,
    deadline: Option<Instant>,
    stop: &StopHandle,
    mut outbox: Outbox,
    workers: Option<&Handle>,
    beyond: &Beyond,
) {
    tokio::pin!(plans);
    let grouped = loop {
        tokio::select! {
            grouped = &mut plans => break grouped,
            () = strike(deadline), if stop.ended().is_none() => stop.stop(Ended::Deadline),
        }
    };
    // Where planning broke, the events end without a last one.
    let Ok(Planned { grouped: Grouped { groups, refused }, first, secrets }) = grouped else { return };
    let secrets = Arc::new(secrets);
    outbox.send(Batch::Secrets(Arc::clone(&secrets)));
    let untried = refused.into_iter().map(|(member, failure)| (member, Outcome::untried(Some(failure))));
    outbox.send(Batch::Untried(untried.collect()));
    if let Some(workers) = workers {
        let shared = Arc::new(Shared {
            network: settings.policy.network_on(workers, Budget::default()),
            accounts: Arc::clone(&beyond.accounts),
            early: beyond.early,
            tasks: beyond.tasks.clone(),
            limits: Limits::new(settings.concurrency, settings.per_host),
            interruptions: Interruptions::new(Arc::clone(&beyond.accounts)),
            breaker: Breaker::default(),
            controls: Arc::new(Controls::remembered_by(Remembered(Arc::clone(&beyond.accounts)))),
            lag: Lag::among(workers),
            workers: workers.clone(),
            secrets,
            settings,
        });
        probe_all(groups.into_iter().zip(first), shared, deadline, stop, &mut outbox).await;
    } else {
        for group in groups {
            outbox.add(Arc::new(group), Outcome::untried(None));
        }
    }
    outbox.deliver();
    let warnings = workers.map(|_| ledger::warnings(beyond.accounts.ledger())).unwrap_or_default();
    outbox.send(Batch::End(stop.ended().unwrap_or(Ended::Complete), warnings));
}

async fn probe_all(
    groups: impl Iterator<Item = (Group, Option<First>)>,
    shared: Arc<Shared>,
    deadline: Option<Instant>,
    stop: &StopHandle,
    outbox: &mut Outbox,
) {
    let mut checks = JoinSet::new();
    for (begun, (group, first)) in groups.enumerate() {
        let shared = Arc::clone(&shared);
        let stopped = stop.0.subscribe();
        checks.spawn(async move {
            let group = Arc::new(group);
            let outcome = check_until(&group, &shared, first.is_some(), stopped).await;
            drop(first);
            (group, outcome)
        });
        if begun % SLICE == SLICE - 1 {
            tokio::task::yield_now().await;
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                stop.stop(Ended::Deadline);
            }
        }
    }
    loop {
        tokio::select! {
            done = checks.join_next() => match done {
                Some(Ok((group, outcome))) => outbox.add(group, outcome),
                Some(Err(broken)) => {
                    outbox.deliver();
                    std::panic::resume_unwind(broken.into_panic())
                }
                None => return,
            },
            () = strike(outbox.due) => outbox.deliver(),
            () = strike(deadline), if stop.ended().is_none() => stop.stop(Ended::Deadline),
        }
    }
}

async fn strike(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// The check of `group`, or how far it had come when the run was stopped. A login whose credential has left goes on
/// without its result being waited for.
async fn check_until(
    group: &Arc<Group>,
    shared: &Arc<Shared>,
    first: bool,
    mut stopped: watch::Receiver<Option<Ended>>,
) -> Outcome {
    let progress = Arc::new(Progress::new(first));
    let id = group.members.first().map(|member| member.id.clone()).unwrap_or_default();
    let (checked, with, progressed) = (Arc::clone(group), Arc::clone(shared), Arc::clone(&progress));
    let mut checking = Box::pin(async move { check(&checked, &id, &with, &progressed).await });
    let ended = async { stopped.wait_for(Option::is_some).await.ok().and_then(|ended| *ended) };
    tokio::select! {
        biased;
        ended = ended => {
            let awaits_answer = progress.awaits_answer();
            let outcome = progress.cancelled(ended.unwrap_or(Ended::Interrupted));
            if awaits_answer {
                shared.tasks.spawn(checking);
            }
            outcome
        }
        outcome = &mut checking => outcome,
    }
}

/// Where outcomes wait until some go out together.
struct Outbox {
    batches: Sender<Batch>,
    ready: Vec<(Arc<Group>, Outcome)>,
    /// When they go out, if there are any.
    due: Option<Instant>,
}

impl Outbox {
    fn add(&mut self, group: Arc<Group>, outcome: Outcome) {
        self.ready.push((group, outcome));
        self.due.get_or_insert_with(|| Instant::now() + DELIVERY);
    }

    fn deliver(&mut self) {
        self.due = None;
        if !self.ready.is_empty() {
            let ready = std::mem::take(&mut self.ready);
            self.send(Batch::Groups(ready));
        }
    }

    /// Nobody listening any more is no reason to stop: the run ends by itself.
    fn send(&self, batch: Batch) {
        drop(self.batches.send(batch));
    }
}
