//! One run: its threads, its end, and its events.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvError, Sender, channel};
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use super::accounts::{Accounts, First};
use super::breaker::Breaker;
use super::check::Shared;
use super::checks::{Left, probe_all};
use super::events::{Batch, Events};
use super::files;
use super::group::{Group, Grouped, group, secrets};
use super::interruptions::Interruptions;
use super::judging::Judging;
use super::lag::Lag;
use super::ledger::{self, Clock, Early, Ledger, MemoryLedger};
use super::limits::Limits;
use super::looks::Looks;
use super::outbox::{self, Outbox, strike};
use super::outcome::Outcome;
use super::progress::cancelled;
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

/// What the report of one result takes after the end of a run; as much earlier it ends, so that its report does not
/// come after the deadline.
const REPORTING: Duration = Duration::from_micros(15);

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

    /// Waits until the run is to end early.
    pub(super) async fn stopped(&self) -> Ended {
        let mut stopped = self.0.subscribe();
        // Not closed before: this handle holds the other end.
        let ended = stopped.wait_for(Option::is_some).await.ok().and_then(|ended| *ended);
        ended.unwrap_or(Ended::Interrupted)
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
    let (making, made) = channel();
    let events = Events::of(received, making, total, sources, settings.dry_run, judging)?;
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
        let outbox = Outbox::new(batches);
        let beyond = Beyond { accounts, early, tasks: TaskTracker::new() };
        clock.block_on(async {
            let workers = workers.as_ref().map(Workers::handle);
            let left = direct(plans, settings, deadline, &handle, outbox, workers, &beyond).await;
            beyond.tasks.close();
            beyond.tasks.wait().await;
            // The results need the processors more than this.
            let Err(RecvError) = made.recv();
            // Their tickets are given back.
            drop(left.tasks);
            drop(settling);
            drop(left.groups);
        });
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
) -> Left {
    tokio::pin!(plans);
    let grouped = loop {
        tokio::select! {
            grouped = &mut plans => break grouped,
            () = strike(deadline), if stop.ended().is_none() => stop.stop(Ended::Deadline),
        }
    };
    // Where planning broke, the events end without a last one.
    let Ok(Planned { grouped: Grouped { groups, refused }, first, secrets }) = grouped else { return Left::default() };
    let secrets = Arc::new(secrets);
    outbox.send(Batch::Secrets(Arc::clone(&secrets)));
    let mut untried =
        refused.into_iter().map(|(member, failure)| (Box::new(member), Box::new(Outcome::untried(Some(failure)))));
    while let Some(first) = untried.next() {
        outbox.send(Batch::Untried(std::iter::once(first).chain(untried.by_ref().take(outbox::MOST - 1)).collect()));
    }
    let mut left = Left::default();
    if let Some(workers) = workers {
        let shared = Arc::new(Shared {
            network: settings.policy.network_on(workers, Budget::default()),
            accounts: Arc::clone(&beyond.accounts),
            early: beyond.early,
            tasks: beyond.tasks.clone(),
            limits: Limits::new(settings.concurrency, settings.per_host),
            looks: Looks::default(),
            interruptions: Interruptions::new(Arc::clone(&beyond.accounts)),
            breaker: Breaker::default(),
            controls: Arc::new(Controls::remembered_by(Remembered(Arc::clone(&beyond.accounts)))),
            lag: Lag::among(workers),
            workers: workers.clone(),
            secrets,
            settings,
        });
        left = probe_all(groups.into_iter().zip(first), &shared, deadline, stop, &mut outbox).await;
    } else {
        for group in groups {
            outbox.add(Arc::new(group), Box::new(Outcome::untried(None)));
        }
    }
    outbox.deliver();
    let warnings = workers.map(|_| ledger::warnings(beyond.accounts.ledger())).unwrap_or_default();
    outbox.send(Batch::End(stop.ended().unwrap_or(Ended::Complete), warnings));
    left
}
