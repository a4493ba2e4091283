//! One run: its threads, its end, and its events.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::runtime::{Builder, Handle};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::accounts::Accounts;
use super::breaker::Breaker;
use super::check::{Progress, Shared, check};
use super::group::{Group, Grouped, group, secrets};
use super::interruptions::Interruptions;
use super::lag::Lag;
use super::limits::Limits;
use super::outcome::{Outcome, results};
use super::settings::Settings;
use super::workers::Workers;
use crate::driver::Registry;
use crate::model::cause::Causes;
use crate::model::connection::Connection;
use crate::model::event::Event;
use crate::model::failure::Failure;
use crate::model::redact::Secrets;
use crate::model::result::{Counts, Ended, SourceSummary, Summary};
use crate::net::guard::Budget;

/// How long a result may lie until others go out with it: to wake who listens costs as much as many of them.
const DELIVERY: Duration = Duration::from_millis(10);

/// What to run.
pub struct Job {
    /// The connections to check; each gets exactly one result.
    pub connections: Vec<Connection>,
    /// What was read, for the reports.
    pub sources: Vec<SourceSummary>,
    /// The drivers to use.
    pub registry: &'static Registry,
    /// Why connections, by id, are not tried although they could be.
    pub withheld: HashMap<String, Failure>,
    /// Limits and demands.
    pub settings: Settings,
}

impl Job {
    /// A check of `connections` with the built-in drivers.
    #[must_use]
    pub fn new(connections: Vec<Connection>, settings: Settings) -> Self {
        Self { connections, sources: Vec::new(), registry: Registry::builtin(), withheld: HashMap::new(), settings }
    }
}

/// A run under way. When it is dropped, what its probes left behind in the driver crates is taken down; crates
/// that find a task of theirs gone may panic then.
pub struct Run {
    /// What happens, ending with [`Event::Finished`] and the closing of the channel.
    pub events: Receiver<Event>,
    /// Ends the run early.
    pub stop: StopHandle,
    /// The threads of the probes live as long as this.
    _workers: Sender<Infallible>,
}

/// Ends a run early: every unfinished check becomes `cancelled`, and the report is still complete.
#[derive(Clone)]
pub struct StopHandle(Arc<watch::Sender<Option<Ended>>>);

impl StopHandle {
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
    // One process-wide provider, for the crates that look for it.
    let _already_installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let (sender, events) = channel();
    let stop = StopHandle(Arc::new(watch::Sender::new(None)));
    let workers = if job.settings.dry_run { None } else { Workers::start(job.connections.len())? };
    let clock = Builder::new_current_thread().enable_time().build()?;
    let handle = stop.clone();
    let (holder, held) = channel();
    thread::Builder::new().name("connprobe-clock".to_owned()).spawn(move || {
        let desk = Desk::new(sender, &job);
        clock.block_on(direct(job, &handle, desk, workers.as_ref().map(Workers::handle)));
        let Err(RecvError) = held.recv();
    })?;
    Ok(Run { events, stop, _workers: holder })
}

/// The clock's side of a run; without `workers` nobody is logged in to.
async fn direct(job: Job, stop: &StopHandle, mut desk: Desk, workers: Option<&Handle>) {
    let Job { connections, registry, withheld, settings, .. } = job;
    let deadline = settings.deadline.map(|deadline| tokio::time::Instant::now() + deadline);
    let grouped = group(connections, registry, &withheld);
    if workers.is_some() {
        desk.secrets = Arc::new(secrets(&grouped));
    }
    let Grouped { groups, refused } = grouped;
    for (member, failure) in refused {
        desk.report(&[member], Outcome::untried(Some(failure)));
    }
    if let Some(workers) = workers {
        probe_all(groups, settings, deadline, stop, &mut desk, workers).await;
    } else {
        for group in groups {
            desk.report(&group.members, Outcome::untried(None));
        }
    }
    desk.finish(stop.0.borrow().unwrap_or(Ended::Complete));
}

async fn probe_all(
    groups: Vec<Group>,
    settings: Settings,
    deadline: Option<tokio::time::Instant>,
    stop: &StopHandle,
    desk: &mut Desk,
    workers: &Handle,
) {
    let shared = Arc::new(Shared {
        network: settings.policy.network_on(workers, Budget::default()),
        accounts: Accounts::default(),
        limits: Limits::new(settings.concurrency, settings.per_host),
        interruptions: Interruptions::default(),
        breaker: Breaker::default(),
        lag: Lag::among(workers),
        workers: workers.clone(),
        settings,
    });
    let mut checks = JoinSet::new();
    for group in groups {
        let shared = Arc::clone(&shared);
        let stopped = stop.0.subscribe();
        checks.spawn(async move {
            let group = Arc::new(group);
            let outcome = check_until(&group, &shared, stopped).await;
            (group, outcome)
        });
    }
    loop {
        tokio::select! {
            done = checks.join_next() => match done {
                Some(Ok((group, outcome))) => desk.report(&group.members, outcome),
                Some(Err(broken)) => {
                    desk.deliver();
                    std::panic::resume_unwind(broken.into_panic())
                }
                None => return,
            },
            () = strike(desk.due) => desk.deliver(),
            () = strike(deadline), if stop.0.borrow().is_none() => stop.stop(Ended::Deadline),
        }
    }
}

async fn strike(at: Option<tokio::time::Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// The check of `group`, or how far it had come when the run was stopped.
async fn check_until(group: &Arc<Group>, shared: &Shared, mut stopped: watch::Receiver<Option<Ended>>) -> Outcome {
    let progress = Progress::new();
    let id = group.members.first().map_or("", |member| &member.id);
    tokio::select! {
        biased;
        ended = async { stopped.wait_for(Option::is_some).await.ok().and_then(|ended| *ended) } =>
            progress.cancelled(ended.unwrap_or(Ended::Interrupted)),
        outcome = check(group, id, shared, &progress) => outcome,
    }
}

/// Where verdicts become events, and events are counted.
struct Desk {
    events: Sender<Event>,
    /// What goes out with the next delivery.
    ready: Vec<Event>,
    /// When that is, if anything is to go out.
    due: Option<tokio::time::Instant>,
    counts: Counts,
    causes: Causes,
    sources: Vec<SourceSummary>,
    dry_run: bool,
    /// What no result may show; nothing where no server is asked.
    secrets: Arc<Secrets>,
    started: Instant,
    started_at: Timestamp,
}

impl Desk {
    fn new(events: Sender<Event>, job: &Job) -> Self {
        let mut desk = Self {
            events,
            ready: vec![Event::Started { total: job.connections.len(), sources: job.sources.clone() }],
            due: None,
            counts: Counts::default(),
            causes: Causes::default(),
            sources: job.sources.clone(),
            dry_run: job.settings.dry_run,
            secrets: Arc::default(),
            started: Instant::now(),
            started_at: Timestamp::now(),
        };
        desk.deliver();
        desk
    }

    fn report(&mut self, members: &[super::group::Member], outcome: Outcome) {
        for result in results(members, outcome, &self.secrets) {
            self.counts.add(&result);
            self.causes.add(&result);
            self.ready.push(Event::Result(Box::new(result)));
        }
        self.due.get_or_insert_with(|| tokio::time::Instant::now() + DELIVERY);
    }

    fn finish(&mut self, ended: Ended) {
        let summary = Summary {
            dry_run: self.dry_run,
            started_at: self.started_at,
            elapsed: self.started.elapsed(),
            ended,
            sources: std::mem::take(&mut self.sources),
            counts: std::mem::take(&mut self.counts),
            causes: std::mem::take(&mut self.causes).into_vec(),
        };
        self.ready.push(Event::Finished(Box::new(summary)));
        self.deliver();
    }

    /// Nobody listening any more is no reason to stop: the run ends by itself.
    fn deliver(&mut self) {
        self.due = None;
        for event in self.ready.drain(..) {
            drop(self.events.send(event));
        }
    }
}
