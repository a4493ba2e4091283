//! What becomes of the credential of a login: whether it has left, was asked for and taken; and what a server shows of
//! itself without one. Drivers note it here, the engine's ledger of accounts is written from it.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::circumstances::Met;
use crate::model::failure::Failure;
use crate::model::result::Address;
use crate::model::step::StepKind;

/// What a server shows without being sent a credential, and that changes when a password was set or the server was
/// made anew.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The salt of a user's only SCRAM verifier.
    Salt(String),
    /// The SCRAM method, of those that a user has a verifier for, and the salt of this one.
    SaltOf(String, String),
    /// MySQL's number of the connection.
    ConnectionId(u32),
}

/// How far the credential of one login has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credential {
    /// It has left.
    pub sent: bool,
    /// What the driver knows of the server's answer, beyond its code.
    pub answer: Option<Answer>,
    /// What the server showed.
    pub evidence: Option<Evidence>,
}

/// What a server has done with a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It took it: whatever it says later comes after the check.
    Accepted,
    /// It said no, or gave no proof that it took it, whatever its code.
    Refused,
    /// It let the login pass without looking at it.
    Ignored,
}

/// Asked whether the credential may leave in what the login has met.
type Gate = Box<dyn FnMut(Met<'_>) -> Result<(), Failure> + Send>;

/// Told what the login is connected to.
type Reached = Box<dyn FnMut(&Address) + Send>;

/// Told the first bytes that come from the address that the login is connected to, until it has heard enough.
pub(super) type Heard = Arc<dyn Fn(&Address, &[u8]) -> bool + Send + Sync>;

/// Told each step.
type Follower = Box<dyn Fn(StepKind) + Send + Sync>;

/// Where that is noted; it stays when the rest of the traces is taken.
#[derive(Default)]
pub(super) struct Track {
    credential: Mutex<Credential>,
    leaving: Mutex<Option<Box<dyn FnOnce() + Send>>>,
    gate: Mutex<Option<Gate>>,
    reached: Mutex<Option<Reached>>,
    heard: Mutex<Option<Heard>>,
    follower: OnceLock<Follower>,
    encrypted: AtomicBool,
    /// Milliseconds.
    read_on: AtomicU64,
    only_looks: AtomicBool,
}

impl Track {
    /// Sends each step to `follower`.
    pub(super) fn follow(&self, follower: Follower) {
        drop(self.follower.set(follower));
    }

    pub(super) fn step(&self, kind: impl FnOnce() -> StepKind) {
        if let Some(follower) = self.follower.get() {
            follower(kind());
        }
    }

    /// Does `this` right before the credential leaves.
    pub(super) fn before_leaving(&self, this: impl FnOnce() + Send + 'static) {
        *self.leaving.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(this));
    }

    /// Tells `reached` what the login is connected to, each time.
    pub(super) fn tell_reached(&self, reached: impl FnMut(&Address) + Send + 'static) {
        *self.reached.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(reached));
    }

    pub(super) fn reached(&self, address: &Address) {
        if let Some(reached) = &mut *self.reached.lock().unwrap_or_else(PoisonError::into_inner) {
            reached(address);
        }
    }

    /// Tells `heard` the first bytes that come from whatever the login is connected to.
    pub(super) fn tell_heard(&self, heard: Heard) {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Some(heard);
    }

    /// Who listens to first bytes.
    pub(super) fn heard(&self) -> Option<Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// `gate` is asked once it is known whether the way is encrypted.
    pub(super) fn set_gate(&self, gate: Gate) {
        *self.gate.lock().unwrap_or_else(PoisonError::into_inner) = Some(gate);
    }

    /// Asks over a way that is `encrypted` or not.
    pub(super) fn admit(&self, encrypted: bool) -> Result<(), Failure> {
        self.encrypted.store(encrypted, Ordering::Relaxed);
        self.ask(Met { encrypted, method: None })
    }

    /// Asks over the same way, once it is known that the server chose `method`.
    pub(super) fn admit_method(&self, method: &str) -> Result<(), Failure> {
        self.ask(Met { encrypted: self.encrypted.load(Ordering::Relaxed), method: Some(method) })
    }

    fn ask(&self, met: Met<'_>) -> Result<(), Failure> {
        let mut gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        gate.as_mut().map_or(Ok(()), |gate| gate(met))
    }

    /// The credential leaves now.
    pub(super) fn leaves(&self) {
        let first = self.leaving.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(first) = first {
            first();
        }
        self.note(|credential| (credential.sent, credential.answer) = (true, None));
    }

    pub(super) fn set_read_on(&self, longer: Duration) {
        self.read_on.store(u64::try_from(longer.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(super) fn read_on(&self) -> Duration {
        Duration::from_millis(self.read_on.load(Ordering::Relaxed))
    }

    pub(super) fn only_look(&self) {
        self.only_looks.store(true, Ordering::Relaxed);
    }

    pub(super) fn only_looks(&self) -> bool {
        self.only_looks.load(Ordering::Relaxed)
    }

    pub(super) fn note(&self, note: impl FnOnce(&mut Credential)) {
        note(&mut self.credential.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn credential(&self) -> Credential {
        self.credential.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Debug for Track {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.credential().fmt(f)
    }
}
