//! `Events`: what a run tells whoever listens. Outcomes come from the clock in batches; a thread of its own makes
//! results of them, one at a time, so that a group of any size costs neither the clock nor the reports anything.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvError, RecvTimeoutError, Sender, SyncSender, TryRecvError, sync_channel};
use std::time::{Duration, Instant};
use std::vec::IntoIter;

use jiff::Timestamp;

use super::group::{Group, Member, SHARED};
use super::judging::Judging;
use super::outcome::{Outcome, result};
use crate::clock;
use crate::model::cause::Causes;
use crate::model::event::Event;
use crate::model::redact::Secrets;
use crate::model::result::{CheckResult, Counts, Ended, SchemaVersion, SourceSummary, Summary, TOOL};
use crate::model::warning::Warning;
use crate::threads;

/// So many events go to the listener together, where there are as many: to wake it for each costs more than the event.
const TOGETHER: usize = 64;

/// So many times [`TOGETHER`] may wait for a listener that is slower.
const AHEAD: usize = 32;

/// So many results that the listener has had are kept, so that the thread that made them frees them: an allocator that has
/// a heap for each thread makes the listener wait for the lock of that heap for each of their texts otherwise. The report
/// of 100,000 results of one group takes a third less time (0.9 s instead of 1.4 s).
const KEPT: usize = (AHEAD + 2) * TOGETHER;

/// What the clock sends.
pub(super) enum Batch {
    /// What no result that follows may show.
    Secrets(Arc<Secrets>),
    /// What came of groups.
    Groups(Vec<(Arc<Group>, Box<Outcome>)>),
    /// Verdicts that needed no probe.
    Untried(Vec<(Box<Member>, Box<Outcome>)>),
    /// Nothing comes after it.
    End(Ended, Vec<Warning>),
}

/// The events of a run, ending with [`Event::Finished`].
pub struct Events {
    told: Receiver<Vec<Event>>,
    /// Those that have come and were not taken yet.
    here: RefCell<IntoIter<Event>>,
}

impl Events {
    /// Those of a run whose clock sends `batches`; `made` is dropped with the last of them.
    ///
    /// # Errors
    ///
    /// When this machine gives no thread.
    pub(super) fn of(
        batches: Receiver<Batch>,
        made: Sender<Infallible>,
        total: usize,
        sources: Vec<SourceSummary>,
        dry_run: bool,
        judging: Judging,
    ) -> io::Result<Self> {
        let started = Event::Started { total, sources: sources.clone() };
        let results = Results {
            waiting: VecDeque::new(),
            told: VecDeque::new(),
            end: None,
            counts: Counts::default(),
            causes: Causes::default(),
            sources,
            dry_run,
            secrets: Arc::default(),
            judging,
            since: Instant::now(),
            started_at: clock::now(),
        };
        let (tell, told) = sync_channel(AHEAD);
        threads::spawn("results", move || {
            results.tell(&batches, &tell);
            drop(made);
        })?;
        Ok(Self { told, here: RefCell::new(vec![started].into_iter()) })
    }

    /// Waits for the next event, for `limit` at the most.
    ///
    /// # Errors
    ///
    /// When there is none in time, or none any more.
    pub fn recv_timeout(&self, limit: Duration) -> Result<Event, RecvTimeoutError> {
        self.next_or(|| self.told.recv_timeout(limit))
    }

    /// Waits for the next event.
    ///
    /// # Errors
    ///
    /// When there is none any more.
    pub fn recv(&self) -> Result<Event, RecvError> {
        self.next_or(|| self.told.recv())
    }

    /// The next event, if it is there.
    ///
    /// # Errors
    ///
    /// When there is none yet, or none any more.
    pub fn try_recv(&self) -> Result<Event, TryRecvError> {
        self.next_or(|| self.told.try_recv())
    }

    /// The next event that is here, or that comes with those of `more`.
    fn next_or<E>(&self, more: impl Fn() -> Result<Vec<Event>, E>) -> Result<Event, E> {
        let mut here = self.here.borrow_mut();
        loop {
            match here.next() {
                Some(event) => return Ok(event),
                None => *here = more()?.into_iter(),
            }
        }
    }
}

/// The events to come, until there are none any more.
pub struct Iter<'a>(&'a Events);

impl Iterator for Iter<'_> {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        self.0.recv().ok()
    }
}

#[expect(clippy::into_iter_without_iter, reason = "events are taken, not looked at: `iter` would promise more")]
impl<'a> IntoIterator for &'a Events {
    type Item = Event;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        Iter(self)
    }
}

impl Iterator for Events {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        self.recv().ok()
    }
}

/// The results of a run under way.
struct Results {
    waiting: VecDeque<Verdict>,
    /// The last that were told.
    told: VecDeque<Arc<CheckResult>>,
    end: Option<(Ended, Vec<Warning>)>,
    counts: Counts,
    causes: Causes,
    sources: Vec<SourceSummary>,
    dry_run: bool,
    secrets: Arc<Secrets>,
    judging: Judging,
    since: Instant,
    started_at: Timestamp,
}

/// What results are made of.
enum Verdict {
    /// The members of a group from this one on, and what each after the first few rests on together with.
    Group(Arc<Group>, Box<Outcome>, usize, Arc<[String]>),
    Untried(Box<Member>, Box<Outcome>),
}

impl Results {
    /// Tells every event until the clock sends nothing more, or nobody listens any more.
    fn tell(mut self, batches: &Receiver<Batch>, tell: &SyncSender<Vec<Event>>) {
        while let Ok(batch) = batches.recv() {
            self.take(batch);
            loop {
                let together: Vec<Event> = std::iter::from_fn(|| self.next()).take(TOGETHER).collect();
                if together.is_empty() {
                    break;
                }
                if tell.send(together).is_err() {
                    return;
                }
            }
        }
    }

    fn take(&mut self, batch: Batch) {
        match batch {
            Batch::Secrets(secrets) => self.secrets = secrets,
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

    /// The next event, as far as it has come.
    fn next(&mut self) -> Option<Event> {
        let result = Arc::new(match self.waiting.pop_front() {
            None => {
                return self
                    .end
                    .take()
                    .map(|(ended, warnings)| Event::Finished(Box::new(self.summary(ended, warnings))));
            }
            Some(Verdict::Untried(member, outcome)) => {
                result(&member, *outcome, Arc::default(), &self.secrets, &self.judging)
            }
            Some(Verdict::Group(group, outcome, at, mut others)) => {
                // All that come after those that a result names name the same.
                if at <= SHARED {
                    others = group.others(at);
                }
                if at + 1 < group.members.len() {
                    let rest = Verdict::Group(Arc::clone(&group), outcome.clone(), at + 1, Arc::clone(&others));
                    self.waiting.push_front(rest);
                }
                result(&group.members[at], *outcome, others, &self.secrets, &self.judging)
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
