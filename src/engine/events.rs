//! `Events`: what a run tells whoever listens. Outcomes come from the clock in batches; results are made of them
//! here, one at a time and on the listener's thread, so that a group of any size costs the clock nothing.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvError, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::group::{Group, Member};
use super::judging::Judging;
use super::outcome::{Outcome, result};
use crate::clock;
use crate::model::cause::Causes;
use crate::model::event::Event;
use crate::model::redact::Secrets;
use crate::model::result::{Counts, Ended, SourceSummary, Summary};
use crate::model::warning::Warning;

/// What the clock sends.
pub(super) enum Batch {
    /// What no result that follows may show.
    Secrets(Arc<Secrets>),
    /// What came of groups.
    Groups(Vec<(Arc<Group>, Outcome)>),
    /// Verdicts that needed no probe.
    Untried(Vec<(Member, Outcome)>),
    /// Nothing comes after it.
    End(Ended, Vec<Warning>),
}

/// The events of a run, ending with [`Event::Finished`].
pub struct Events(RefCell<Listener>);

struct Listener {
    batches: Receiver<Batch>,
    started: Option<Event>,
    waiting: VecDeque<Verdict>,
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
    /// The members of a group from this one on.
    Group(Arc<Group>, Outcome, usize),
    Untried(Box<Member>, Outcome),
}

impl Events {
    pub(super) fn new(
        batches: Receiver<Batch>,
        total: usize,
        sources: Vec<SourceSummary>,
        dry_run: bool,
        judging: Judging,
    ) -> Self {
        Self(RefCell::new(Listener {
            batches,
            started: Some(Event::Started { total, sources: sources.clone() }),
            waiting: VecDeque::new(),
            end: None,
            counts: Counts::default(),
            causes: Causes::default(),
            sources,
            dry_run,
            secrets: Arc::default(),
            judging,
            since: Instant::now(),
            started_at: clock::now(),
        }))
    }

    /// Waits for the next event, for `limit` at the most.
    ///
    /// # Errors
    ///
    /// When there is none in time, or none any more.
    pub fn recv_timeout(&self, limit: Duration) -> Result<Event, RecvTimeoutError> {
        let mut listener = self.0.borrow_mut();
        loop {
            if let Some(event) = listener.next() {
                return Ok(event);
            }
            let batch = listener.batches.recv_timeout(limit)?;
            listener.take(batch);
        }
    }

    /// Waits for the next event.
    ///
    /// # Errors
    ///
    /// When there is none any more.
    pub fn recv(&self) -> Result<Event, RecvError> {
        let mut listener = self.0.borrow_mut();
        loop {
            if let Some(event) = listener.next() {
                return Ok(event);
            }
            let batch = listener.batches.recv()?;
            listener.take(batch);
        }
    }

    /// The next event, if it is there.
    ///
    /// # Errors
    ///
    /// When there is none yet, or none any more.
    pub fn try_recv(&self) -> Result<Event, TryRecvError> {
        let mut listener = self.0.borrow_mut();
        loop {
            if let Some(event) = listener.next() {
                return Ok(event);
            }
            let batch = listener.batches.try_recv()?;
            listener.take(batch);
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

impl Listener {
    fn take(&mut self, batch: Batch) {
        match batch {
            Batch::Secrets(secrets) => self.secrets = secrets,
            Batch::Groups(groups) => {
                self.waiting.extend(groups.into_iter().map(|(group, outcome)| Verdict::Group(group, outcome, 0)));
            }
            Batch::Untried(members) => {
                let untried = members.into_iter().map(|(member, outcome)| Verdict::Untried(Box::new(member), outcome));
                self.waiting.extend(untried);
            }
            Batch::End(ended, warnings) => self.end = Some((ended, warnings)),
        }
    }

    /// The next event, as far as it has come.
    fn next(&mut self) -> Option<Event> {
        if let Some(started) = self.started.take() {
            return Some(started);
        }
        let result = match self.waiting.pop_front() {
            None => {
                return self
                    .end
                    .take()
                    .map(|(ended, warnings)| Event::Finished(Box::new(self.summary(ended, warnings))));
            }
            Some(Verdict::Untried(member, outcome)) => {
                result(&member, outcome, Vec::new(), &self.secrets, self.judging.goes_on())
            }
            Some(Verdict::Group(group, outcome, at)) => {
                let (member, shared_with) = group.member(at);
                if at + 1 < group.members.len() {
                    self.waiting.push_front(Verdict::Group(Arc::clone(&group), outcome.clone(), at + 1));
                }
                result(member, outcome, shared_with, &self.secrets, self.judging.goes_on())
            }
        };
        self.counts.add(&result);
        self.causes.add(&result);
        Some(Event::Result(Box::new(result)))
    }

    fn summary(&mut self, ended: Ended, warnings: Vec<Warning>) -> Summary {
        Summary {
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
