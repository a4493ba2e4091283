//! `Events`: the events of a run, as a stream or for a thread that blocks. Outcomes come from the clock in batches.
//! Another thread makes the results, one at a time, so that a group of any size delays neither the clock nor the
//! reports.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc::{RecvError, RecvTimeoutError, TryRecvError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};
use std::vec::IntoIter;

use futures_util::Stream;
use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use super::group::{Group, Member, SHARED};
use super::outcome::{Outcome, result};
use super::scan_time::ScanTime;
use crate::model::cause::Causes;
use crate::model::event::Event;
use crate::model::redact::Secrets;
use crate::model::result::{CheckResult, Counts, Ended, SchemaVersion, SourceSummary, Summary, TOOL};
use crate::model::step::Step;
use crate::model::warning::Warning;

/// The number of events that go to the listener together, if there are as many: waking the listener costs more than an
/// event.
const TOGETHER: usize = 64;

/// The number of batches of [`TOGETHER`] events that may wait for a slower listener.
const AHEAD: usize = 32;

/// The number of delivered results that are kept, so that the thread that made them also frees them. With an allocator
/// that has a heap for each thread, the listener would otherwise wait for the lock of that heap for each text. The
/// report of 100,000 results of one group takes a third less time (0.9 s instead of 1.4 s).
const KEPT: usize = (AHEAD + 2) * TOGETHER;

/// A message from the clock.
pub(super) enum Batch {
    /// The secrets that no later result may show.
    Secrets(Arc<Secrets>),
    /// One step of a check.
    Step(Box<Step>),
    /// Outcomes of groups.
    Groups(Vec<(Arc<Group>, Box<Outcome>)>),
    /// Verdicts that needed no probe.
    Untried(Vec<(Box<Member>, Box<Outcome>)>),
    /// The last message.
    End(Ended, Vec<Warning>),
}

/// The events of a run, ending with [`Event::Finished`]: a stream, or an iterator for a thread that may block. Dropping
/// it ends the run; a login whose credential has left goes on.
pub struct Events {
    told: mpsc::Receiver<Vec<Event>>,
    /// Events that have arrived and were not taken yet.
    here: IntoIter<Event>,
    /// Its drop signals that the listener is gone.
    _hearing: oneshot::Sender<Infallible>,
}

impl Events {
    /// The events of a run, whose results are made on `maker`.
    pub(super) fn of(maker: &Handle, telling: Telling) -> Self {
        let Telling { batches, made, hearing, total, sources, dry_run, scan_time, started_at } = telling;
        let started = Event::Started { total, sources: sources.clone() };
        let results = Results {
            steps: VecDeque::new(),
            waiting: VecDeque::new(),
            told: VecDeque::new(),
            end: None,
            counts: Counts::default(),
            causes: Causes::default(),
            sources,
            dry_run,
            secrets: Arc::default(),
            scan_time,
            since: Instant::now(),
            started_at,
        };
        let (tell, told) = mpsc::channel(AHEAD);
        maker.spawn(async move {
            results.tell(batches, tell).await;
            drop(made);
        });
        Self { told, here: vec![started].into_iter(), _hearing: hearing }
    }

    /// The next event; `None` after the last.
    pub async fn next(&mut self) -> Option<Event> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Event>> {
        loop {
            if let Some(event) = self.here.next() {
                return Poll::Ready(Some(event));
            }
            match self.told.poll_recv(context) {
                Poll::Ready(Some(more)) => self.here = more.into_iter(),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Blocks this thread until the next event, for `limit` at most. Not for asynchronous code.
    ///
    /// # Errors
    ///
    /// `Timeout` when there is no event in time, `Disconnected` when there are no more events.
    pub fn recv_timeout(&mut self, limit: Duration) -> Result<Event, RecvTimeoutError> {
        match parked(Instant::now().checked_add(limit), |context| self.poll(context)) {
            Some(event) => event.ok_or(RecvTimeoutError::Disconnected),
            None => Err(RecvTimeoutError::Timeout),
        }
    }

    /// Blocks this thread until the next event. Not for asynchronous code.
    ///
    /// # Errors
    ///
    /// When there are no more events.
    pub fn recv(&mut self) -> Result<Event, RecvError> {
        parked(None, |context| self.poll(context)).flatten().ok_or(RecvError)
    }

    /// The next event, if it has arrived.
    ///
    /// # Errors
    ///
    /// `Empty` when there is no event yet, `Disconnected` when there are no more events.
    pub fn try_recv(&mut self) -> Result<Event, TryRecvError> {
        match self.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(event) => event.ok_or(TryRecvError::Disconnected),
            Poll::Pending => Err(TryRecvError::Empty),
        }
    }
}

impl Stream for Events {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event>> {
        self.poll(context)
    }
}

/// Wakes the blocked thread.
struct Waiting(Thread);

impl Wake for Waiting {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Blocks this thread until `poll` is ready; `None` if it is not ready before `until`.
fn parked<T>(until: Option<Instant>, mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Option<T> {
    let waker = Waker::from(Arc::new(Waiting(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(value) = poll(&mut context) {
            return Some(value);
        }
        match until.map(|until| until.saturating_duration_since(Instant::now())) {
            None => thread::park(),
            Some(Duration::ZERO) => return None,
            Some(left) => thread::park_timeout(left),
        }
    }
}

/// An iterator over the remaining events, which blocks the thread.
pub struct Iter<E>(E);

impl Iterator for Iter<&mut Events> {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        self.0.recv().ok()
    }
}

impl Iterator for Iter<Events> {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        self.0.recv().ok()
    }
}

#[expect(clippy::into_iter_without_iter, reason = "events are taken, not looked at: `iter_mut` would promise more")]
impl<'a> IntoIterator for &'a mut Events {
    type Item = Event;
    type IntoIter = Iter<&'a mut Events>;

    fn into_iter(self) -> Self::IntoIter {
        Iter(self)
    }
}

impl IntoIterator for Events {
    type Item = Event;
    type IntoIter = Iter<Events>;

    fn into_iter(self) -> Self::IntoIter {
        Iter(self)
    }
}

/// What the events of a run are made from.
pub(super) struct Telling {
    /// The messages of the clock.
    pub(super) batches: mpsc::UnboundedReceiver<Batch>,
    /// Dropped after the last event was made.
    pub(super) made: oneshot::Sender<Infallible>,
    /// Dropped when the listener is gone.
    pub(super) hearing: oneshot::Sender<Infallible>,
    pub(super) total: usize,
    pub(super) sources: Vec<SourceSummary>,
    pub(super) dry_run: bool,
    pub(super) scan_time: ScanTime,
    pub(super) started_at: Timestamp,
}

/// The results of a run that is under way.
struct Results {
    steps: VecDeque<Box<Step>>,
    waiting: VecDeque<Verdict>,
    /// The results that were delivered last.
    told: VecDeque<Arc<CheckResult>>,
    end: Option<(Ended, Vec<Warning>)>,
    counts: Counts,
    causes: Causes,
    sources: Vec<SourceSummary>,
    dry_run: bool,
    secrets: Arc<Secrets>,
    scan_time: ScanTime,
    since: Instant,
    started_at: Timestamp,
}

/// What results are made from.
enum Verdict {
    /// The members of a group from this index on, and the shared ids that all results after the first few name.
    Group(Arc<Group>, Box<Outcome>, usize, Arc<[String]>),
    Untried(Box<Member>, Box<Outcome>),
}

impl Results {
    /// Sends all events until the clock sends nothing more or the listener is gone.
    async fn tell(mut self, mut batches: mpsc::UnboundedReceiver<Batch>, tell: mpsc::Sender<Vec<Event>>) {
        loop {
            let batch = tokio::select! {
                batch = batches.recv() => batch,
                () = tell.closed() => None,
            };
            let Some(batch) = batch else { return };
            self.take(batch);
            loop {
                let together: Vec<Event> = std::iter::from_fn(|| self.next()).take(TOGETHER).collect();
                if together.is_empty() {
                    break;
                }
                if tell.send(together).await.is_err() {
                    return;
                }
                // Lets other runs make progress.
                tokio::task::yield_now().await;
            }
        }
    }

    fn take(&mut self, batch: Batch) {
        match batch {
            Batch::Secrets(secrets) => self.secrets = secrets,
            Batch::Step(step) => self.steps.push_back(step),
            Batch::Groups(groups) => {
                self.waiting.extend(
                    groups.into_iter().map(|(group, outcome)| Verdict::Group(group, outcome, 0, Arc::default())),
                );
            }
            Batch::Untried(members) => {
                let untried = members.into_iter().map(|(member, outcome)| Verdict::Untried(member, outcome));
                self.waiting.extend(untried);
            }
            Batch::End(ended, warnings) => self.end = Some((ended, warnings)),
        }
    }

    /// The next event, if it is ready.
    fn next(&mut self) -> Option<Event> {
        if let Some(step) = self.steps.pop_front() {
            return Some(Event::Step(step));
        }
        let result = Arc::new(match self.waiting.pop_front() {
            None => {
                return self
                    .end
                    .take()
                    .map(|(ended, warnings)| Event::Finished(Box::new(self.summary(ended, warnings))));
            }
            Some(Verdict::Untried(member, outcome)) => {
                result(&member, *outcome, Arc::default(), &self.secrets, &self.scan_time)
            }
            Some(Verdict::Group(group, outcome, at, mut others)) => {
                // Members beyond the first `SHARED` name the same other results.
                if at <= SHARED {
                    others = group.others(at);
                }
                if at + 1 < group.members.len() {
                    let rest = Verdict::Group(Arc::clone(&group), outcome.clone(), at + 1, Arc::clone(&others));
                    self.waiting.push_front(rest);
                }
                result(&group.members[at], *outcome, others, &self.secrets, &self.scan_time)
            }
        });
        self.counts.add(&result);
        self.causes.add(&result);
        if self.told.len() == KEPT {
            self.told.pop_front();
        }
        self.told.push_back(Arc::clone(&result));
        Some(Event::Result(result))
    }

    fn summary(&mut self, ended: Ended, warnings: Vec<Warning>) -> Summary {
        Summary {
            schema_version: SchemaVersion,
            tool: TOOL.into(),
            dry_run: self.dry_run,
            started_at: self.started_at,
            elapsed: self.since.elapsed(),
            ended,
            sources: std::mem::take(&mut self.sources),
            warnings,
            counts: std::mem::take(&mut self.counts),
            causes: std::mem::take(&mut self.causes).into_vec(),
        }
    }
}
