//! `Recorder`: the traces of one probe, and how far its credential has come.
//!
//! It belongs to the engine: when a deadline drops the probe, the open phase tells where it stood.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::circumstances::Met;
use super::credential::{Credential, Track};
use super::registry::protocols;
use crate::model::facts::Facts;
use crate::model::failure::Failure;
use crate::model::phase::{Phase, PhaseTiming};
use crate::model::redact::Secrets;
use crate::model::result::Address;
use crate::model::step::StepKind;
use crate::model::warning::Warning;
use crate::net::dial::Wire;
use crate::net::guard::Tap;
use crate::net::sniff::{Protocol, recognise};

/// The traces of one probe.
#[derive(Debug, Default)]
pub struct Recorder {
    trace: Mutex<Trace>,
    pub(super) track: Track,
    secrets: Mutex<Option<Arc<Secrets>>>,
}

/// What a probe has left so far.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    finished: Vec<(Phase, Duration)>,
    open: Option<(Phase, Instant)>,
    /// What it was connected to last.
    pub address: Option<Address>,
    /// The definition names something else than this machine there.
    pub(super) named_elsewhere: bool,
    pub(super) tap: Option<Tap>,
    /// A credential has left.
    pub credential_sent: bool,
    /// What to do if the server says nothing.
    pub if_silent: Option<&'static str>,
    /// The server has said that it takes the credential that has left.
    pub credential_accepted: bool,
    /// What was learnt.
    pub facts: Facts,
    /// What deserves attention.
    pub warnings: Vec<Warning>,
    /// Words from outside that may stand in messages.
    pub heard: Vec<String>,
}

impl Recorder {
    pub(super) fn lock(&self) -> MutexGuard<'_, Trace> {
        // A probe that panicked while holding the lock leaves data that is still whole.
        self.trace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What servers lend is one of `secrets`.
    pub fn lends_to(&self, secrets: Arc<Secrets>) {
        *self.secrets.lock().unwrap_or_else(PoisonError::into_inner) = Some(secrets);
    }

    pub(super) fn lent(&self, secret: &str) {
        if let Some(secrets) = &*self.secrets.lock().unwrap_or_else(PoisonError::into_inner) {
            secrets.learn(secret);
        }
    }

    /// Sends each step to `follower`.
    pub fn follow(&self, follower: impl Fn(StepKind) + Send + Sync + 'static) {
        self.track.follow(Box::new(follower));
    }

    /// Sends a step, if a follower was set.
    pub(super) fn step(&self, kind: impl FnOnce() -> StepKind) {
        self.track.step(kind);
    }

    /// Does `this` right before the credential leaves.
    pub fn before_leaving(&self, this: impl FnOnce() + Send + 'static) {
        self.track.before_leaving(this);
    }

    /// Tells `reached` what the login is connected to, each time.
    pub fn when_reached(&self, reached: impl FnMut(&Address) + Send + 'static) {
        self.track.tell_reached(reached);
    }

    /// Tells `heard` the first bytes that come from what the login is connected to, each time until it has heard enough.
    pub fn when_heard(&self, heard: impl Fn(&Address, &[u8]) -> bool + Send + Sync + 'static) {
        self.track.tell_heard(Arc::new(heard));
    }

    /// Asks `gate`, once it is known whether the way is encrypted and which method the server chose, whether the credential
    /// may leave.
    pub fn before_admitting(&self, gate: impl FnMut(Met<'_>) -> Result<(), Failure> + Send + 'static) {
        self.track.set_gate(Box::new(gate));
    }

    /// Nothing but [`Attempt::evidence`](super::attempt::Attempt::evidence) is asked for.
    pub fn only_look(&self) {
        self.track.only_look();
    }

    /// Once the credential has left, its stream may be read for so much longer than its deadline.
    pub fn read_on(&self, longer: Duration) {
        self.track.set_read_on(longer);
    }

    /// How far the credential has come; known even after the traces were taken.
    #[must_use]
    pub fn credential(&self) -> Credential {
        self.track.credential()
    }

    /// Closes the open phase and opens `phase`; opening it again adds to its time.
    pub fn enter(&self, phase: Phase) {
        let mut trace = self.lock();
        if trace.open.is_some_and(|(open, _)| open == phase) {
            return;
        }
        trace.close();
        trace.open = Some((phase, Instant::now()));
        drop(trace);
        self.step(|| StepKind::Entered(phase));
    }

    /// Credits `elapsed` to `phase`, for work that was done before the probe began.
    pub fn credit(&self, phase: Phase, elapsed: Duration) {
        add(&mut self.lock().finished, phase, elapsed);
    }

    /// Notes what the probe is connected to, and listens to whether anything is said there.
    pub fn reached(&self, wire: &Wire) {
        self.step(|| StepKind::Connected(wire.address.clone()));
        self.track.reached(&wire.address);
        self.listens(wire);
        let mut trace = self.lock();
        trace.address = Some(wire.address.clone());
        trace.tap = Some(wire.tap.clone());
    }

    /// Tells whom it may concern who is at the other end of `wire`, as soon as that says something.
    pub fn listens(&self, wire: &Wire) {
        if let Some(heard) = self.track.heard() {
            let address = wire.address.clone();
            wire.tap.when_heard(move |first| heard(&address, first));
        }
    }

    /// Notes what the probe is connected to.
    pub fn connected(&self, address: Address) {
        self.step(|| StepKind::Connected(address.clone()));
        self.track.reached(&address);
        self.lock().address = Some(address);
    }

    /// Adds a warning, each once.
    pub fn warn(&self, warning: Warning) {
        let mut trace = self.lock();
        if !trace.warnings.contains(&warning) {
            trace.warnings.push(warning);
        }
    }

    /// The trace as it stands.
    #[cfg(any(fuzzing, test))]
    #[must_use]
    pub fn snapshot(&self) -> Trace {
        self.look(Trace::clone)
    }

    /// The trace, to which nothing is added any more.
    #[must_use]
    pub fn take(&self) -> Trace {
        std::mem::take(&mut self.lock())
    }

    /// What `see` makes of the trace as it stands.
    pub fn look<T>(&self, see: impl FnOnce(&Trace) -> T) -> T {
        see(&self.lock())
    }
}

/// Adds to the time of `phase`.
fn add(finished: &mut Vec<(Phase, Duration)>, phase: Phase, elapsed: Duration) {
    match finished.iter_mut().find(|(finished, _)| *finished == phase) {
        Some((_, total)) => *total += elapsed,
        None => finished.push((phase, elapsed)),
    }
}

impl Trace {
    fn close(&mut self) {
        if let Some((phase, since)) = self.open.take() {
            add(&mut self.finished, phase, since.elapsed());
        }
    }

    /// The phase that the probe is in, or ended in.
    #[must_use]
    pub fn phase(&self) -> Option<Phase> {
        self.open.map(|(phase, _)| phase).or_else(|| self.finished.last().map(|(phase, _)| *phase))
    }

    /// Whether somebody accepted the connection and has not said a word.
    #[must_use]
    pub fn is_unanswered(&self) -> bool {
        self.tap.as_ref().is_some_and(|tap| tap.received() == 0)
    }

    /// The protocol that its peer speaks, as far as its first bytes tell.
    #[must_use]
    pub fn spoken(&self) -> Option<&'static Protocol> {
        self.tap.as_ref().and_then(|tap| recognise(&tap.first_bytes(), protocols()))
    }

    /// The phases in order; `ended` closes the open one, which otherwise is marked open.
    #[must_use]
    pub fn timings(&self, ended: bool) -> Vec<PhaseTiming> {
        let mut phases = self.finished.clone();
        let open = self.open.map(|(phase, since)| {
            add(&mut phases, phase, since.elapsed());
            phase
        });
        phases.sort_by_key(|(phase, _)| *phase);
        let timing = |(phase, elapsed)| PhaseTiming { phase, elapsed, open: open == Some(phase) && !ended };
        phases.into_iter().map(timing).collect()
    }
}
