//! `Recorder`: the trace of one probe, and the state of its credential.
//!
//! The engine owns it: when a deadline drops the probe, the open phase shows how far it got.

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

/// The trace of one probe.
#[derive(Debug, Default)]
pub struct Recorder {
    trace: Mutex<Trace>,
    pub(super) track: Track,
    secrets: Mutex<Option<Arc<Secrets>>>,
}

/// What a probe has recorded so far.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    finished: Vec<(Phase, Duration)>,
    open: Option<(Phase, Instant)>,
    /// The address that it was connected to last.
    pub address: Option<Address>,
    /// Whether the definition names that address by anything but this machine.
    pub(super) named_elsewhere: bool,
    pub(super) tap: Option<Tap>,
    /// The address that has answered over an earlier connection of this login.
    answered_earlier: Option<Address>,
    /// Whether a credential was sent.
    pub credential_sent: bool,
    /// The hint if the server sends nothing.
    pub if_silent: Option<&'static str>,
    /// Whether the server has accepted the credential that was sent.
    pub credential_accepted: bool,
    /// The facts learnt.
    pub facts: Facts,
    /// The warnings.
    pub warnings: Vec<Warning>,
    /// Text from outside that may appear in messages.
    pub heard: Vec<String>,
}

impl Recorder {
    pub(super) fn lock(&self) -> MutexGuard<'_, Trace> {
        // If a probe panicked while it held the lock, the data is still consistent.
        self.trace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds the secrets that servers issue to `secrets`.
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

    /// Calls `this` right before the credential is sent.
    pub fn before_leaving(&self, this: impl FnOnce() + Send + 'static) {
        self.track.before_leaving(this);
    }

    /// Calls `reached` with the address of each connection of the login.
    pub fn when_reached(&self, reached: impl FnMut(&Address) + Send + 'static) {
        self.track.tell_reached(reached);
    }

    /// Calls `heard` with the first bytes from each peer of the login, until it returns true.
    pub fn when_heard(&self, heard: impl Fn(&Address, &[u8]) -> bool + Send + Sync + 'static) {
        self.track.tell_heard(Arc::new(heard));
    }

    /// Sets the `gate` that decides whether the credential may be sent. It is called once it is known whether the
    /// channel is encrypted, and again once the server has chosen a method.
    pub fn before_admitting(&self, gate: impl FnMut(Met<'_>) -> Result<(), Failure> + Send + 'static) {
        self.track.set_gate(Box::new(gate));
    }

    /// Only [`Attempt::evidence`](super::attempt::Attempt::evidence) is wanted.
    pub fn only_look(&self) {
        self.track.only_look();
    }

    /// Once the credential was sent, its stream may be read for `longer` past its deadline.
    pub fn read_on(&self, longer: Duration) {
        self.track.set_read_on(longer);
    }

    /// The state of the credential; known even after the trace was taken.
    #[must_use]
    pub fn credential(&self) -> Credential {
        self.track.credential()
    }

    /// Closes the open phase and opens `phase`. A phase that is opened again adds to its time.
    pub fn enter(&self, phase: Phase) {
        let mut trace = self.lock();
        if trace.open.is_some_and(|(open, _)| open == phase) {
            return;
        }
        trace.close();
        trace.open = Some((phase, Instant::now()));
        drop(trace);
        // The steps before name the addresses.
        if phase > Phase::Connect {
            self.step(|| StepKind::Entered(phase));
        }
    }

    /// Adds `elapsed` to `phase`, for work that was done before the probe began.
    pub fn credit(&self, phase: Phase, elapsed: Duration) {
        add(&mut self.lock().finished, phase, elapsed);
    }

    /// Records the connection of the probe, and watches for the peer's first bytes.
    pub fn reached(&self, wire: &Wire) {
        self.step(|| StepKind::Connected(wire.address.clone()));
        self.track.reached(&wire.address);
        self.listens(wire);
        let mut trace = self.lock();
        if trace.has_answered() {
            trace.answered_earlier = trace.address.take();
        }
        trace.address = Some(wire.address.clone());
        trace.tap = Some(wire.tap.clone());
    }

    /// Passes the peer's first bytes on `wire` to the callback for them, if one is set, as soon as they arrive.
    pub fn listens(&self, wire: &Wire) {
        if let Some(heard) = self.track.heard() {
            let address = wire.address.clone();
            wire.tap.when_heard(move |first| heard(&address, first));
        }
    }

    /// Records the address that the probe is connected to.
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

    /// A copy of the trace so far.
    #[cfg(any(fuzzing, test))]
    #[must_use]
    pub fn snapshot(&self) -> Trace {
        self.look(Trace::clone)
    }

    /// Takes the trace; nothing is added to it afterwards.
    #[must_use]
    pub fn take(&self) -> Trace {
        std::mem::take(&mut self.lock())
    }

    /// Passes the trace so far to `see` and returns the result.
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

    /// Whether a peer accepted the connection and has sent nothing, over an earlier connection of this login neither.
    #[must_use]
    pub fn is_unanswered(&self) -> bool {
        self.tap.is_some() && !self.has_answered()
    }

    /// Whether the peer has sent something.
    fn has_answered(&self) -> bool {
        self.answered_earlier.is_some() && self.answered_earlier == self.address
            || self.tap.as_ref().is_some_and(|tap| tap.received() > 0)
    }

    /// The protocol of the peer, as far as its first bytes show it.
    #[must_use]
    pub fn spoken(&self) -> Option<&'static Protocol> {
        self.tap.as_ref().and_then(|tap| recognise(&tap.first_bytes(), protocols()))
    }

    /// The phases in order. `ended` closes the open one, which otherwise is marked open.
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
