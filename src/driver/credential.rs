//! The state of a login's credential (whether it was sent, asked for and accepted), and what a server shows without
//! one. Drivers record both here; the engine writes its ledger of accounts from it.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::circumstances::Met;
use crate::model::failure::Failure;
use crate::model::result::Address;
use crate::model::step::StepKind;

/// What a server shows before it is sent a credential, and what changes when a password was set or the server was
/// restarted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The salt of a user's only SCRAM verifier.
    Salt(String),
    /// The SCRAM method, among those for which the user has a verifier, and the salt of that verifier.
    SaltOf(String, String),
    /// The connection number that MySQL assigns.
    ConnectionId(u32),
}

/// The state of one login's credential.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credential {
    /// Whether it was sent.
    pub sent: bool,
    /// What the driver can tell about the server's answer, beyond its code.
    pub answer: Option<Answer>,
    /// What the server showed.
    pub evidence: Option<Evidence>,
}

impl Credential {
    /// Whether sending it again harms no account: it was not sent, the server accepted it, or did not look at it.
    #[must_use]
    pub fn may_be_sent_again(&self) -> bool {
        !self.sent || matches!(self.answer, Some(Answer::Accepted | Answer::Ignored))
    }
}

/// What a server did with a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It accepted the credential: whatever it sends later comes after the check.
    Accepted,
    /// It refused the credential, or did not prove that it accepted it, whatever its code.
    Refused,
    /// It let the login in without looking at the credential.
    Ignored,
    /// It answered the same with the credential as without.
    NoDifference,
}

/// Decides whether the credential may be sent in the circumstances that the login has met.
type Gate = Box<dyn FnMut(Met<'_>) -> Result<(), Failure> + Send>;

/// Called with the address that the login is connected to.
type Reached = Box<dyn FnMut(&Address) + Send>;

/// Called with the first bytes from the address that the login is connected to, until it returns true.
pub(super) type Heard = Arc<dyn Fn(&Address, &[u8]) -> bool + Send + Sync>;

/// Told each step.
type Follower = Box<dyn Fn(StepKind) + Send + Sync>;

/// Where the state of the credential is recorded. It stays when the rest of the trace is taken.
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

    /// Calls `this` right before the credential is sent.
    pub(super) fn before_leaving(&self, this: impl FnOnce() + Send + 'static) {
        *self.leaving.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(this));
    }

    /// Calls `reached` with the address of each connection of the login.
    pub(super) fn tell_reached(&self, reached: impl FnMut(&Address) + Send + 'static) {
        *self.reached.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(reached));
    }

    pub(super) fn reached(&self, address: &Address) {
        if let Some(reached) = &mut *self.reached.lock().unwrap_or_else(PoisonError::into_inner) {
            reached(address);
        }
    }

    /// Calls `heard` with the first bytes from each peer of the login.
    pub(super) fn tell_heard(&self, heard: Heard) {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Some(heard);
    }

    /// The callback for first bytes, if one is set.
    pub(super) fn heard(&self) -> Option<Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sets the `gate` that is called once it is known whether the channel is encrypted.
    pub(super) fn set_gate(&self, gate: Gate) {
        *self.gate.lock().unwrap_or_else(PoisonError::into_inner) = Some(gate);
    }

    /// Calls the gate for a channel that is `encrypted` or not.
    pub(super) fn admit(&self, encrypted: bool) -> Result<(), Failure> {
        self.encrypted.store(encrypted, Ordering::Relaxed);
        self.ask(Met { encrypted, method: None })
    }

    /// Calls the gate for the same channel, once the server has chosen `method`.
    pub(super) fn admit_method(&self, method: &str) -> Result<(), Failure> {
        self.ask(Met { encrypted: self.encrypted.load(Ordering::Relaxed), method: Some(method) })
    }

    fn ask(&self, met: Met<'_>) -> Result<(), Failure> {
        let mut gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        gate.as_mut().map_or(Ok(()), |gate| gate(met))
    }

    /// Records that the credential is sent now.
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
