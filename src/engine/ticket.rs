//! `Ticket`: the turn of one login, from the ledger's permission to the recorded end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::OwnedSemaphorePermit;

use super::accounts::{Accounts, locked};
use super::held::overlooked;
use super::ledger::{End, Hold, Login};
use crate::driver::attempt::Recorder;
use crate::driver::{Attempt, Circumstances, Met};
use crate::model::failure::Failure;

/// The turn of one login at every server that it may reach. Other logins of the account wait until it is dropped.
pub(super) struct Ticket {
    accounts: Arc<Accounts>,
    login: Arc<Login>,
    early: bool,
    /// Whether the login has ended or its credential has left.
    begun: Arc<AtomicBool>,
    course: Arc<Mutex<Course>>,
    places: Vec<OwnedSemaphorePermit>,
}

/// What a login has met.
#[derive(Default)]
struct Course {
    /// The circumstances that it met.
    met: Option<String>,
    /// Why it is held in these circumstances.
    held: Option<Hold>,
}

impl Ticket {
    /// The turn of `login`, which the ledger permitted and which holds `places` in its accounts.
    pub(super) fn new(accounts: Arc<Accounts>, login: Login, early: bool, places: Vec<OwnedSemaphorePermit>) -> Self {
        Self { accounts, login: Arc::new(login), early, begun: Arc::default(), course: Arc::default(), places }
    }

    /// The question to ask once the login's `circumstances` are known: whether its secret was refused in these.
    pub(super) fn gate(
        &self,
        circumstances: Circumstances,
    ) -> impl FnMut(Met<'_>) -> Result<(), Failure> + Send + 'static {
        let (accounts, login, course) = (Arc::clone(&self.accounts), Arc::clone(&self.login), Arc::clone(&self.course));
        let early = self.early;
        move |met| {
            let Some(met) = circumstances.met(met) else { return Ok(()) };
            // A login with only one possible circumstance was checked before.
            let held = if early || login.circumstances().len() < 2 {
                None
            } else {
                accounts.ledger().hold(&login.meeting(Some(met.clone())))
            };
            let stops = held.is_some();
            *locked(&course) = Course { met: Some(met), held };
            if stops { Err(Attempt::looked()) } else { Ok(()) }
        }
    }

    /// The login whose turn it is.
    pub(super) fn login(&self) -> &Login {
        &self.login
    }

    /// Why the login was stopped before its credential left.
    pub(super) fn stopped(&self) -> Option<Hold> {
        locked(&self.course).held.clone()
    }

    /// What to do right before the credential leaves. A hold that is overlooked is noted in `recorder`.
    pub(super) fn leaving(&self, recorder: &Arc<Recorder>) -> impl FnOnce() + Send + 'static {
        // A weak reference, since the recorder owns the returned closure.
        let recorder = Arc::downgrade(recorder);
        let (accounts, login, begun) = (Arc::clone(&self.accounts), Arc::clone(&self.login), Arc::clone(&self.begun));
        let course = Arc::clone(&self.course);
        move || {
            begun.store(true, Ordering::Relaxed);
            let met = locked(&course).met.clone();
            let login = login.meeting(met);
            if let (Some(hold), Some(recorder)) = (accounts.ledger().overlooked(&login), recorder.upgrade()) {
                recorder.warn(overlooked(&hold));
            }
            if login.alone {
                accounts.ledger().leaves(&login);
            }
        }
    }

    /// Records the end of the login.
    pub(super) async fn end(&self, end: End) {
        self.begun.store(true, Ordering::Relaxed);
        let met = locked(&self.course).met.clone();
        let login = self.login.meeting(met);
        let end = End { early: self.early, ..end };
        self.accounts.note(&login, &end);
        self.accounts.ledger().end(&login, &end).await;
    }

    /// Gives the turn back, but keeps what a late answer needs.
    pub(super) fn released(mut self) -> Self {
        self.places.clear();
        self
    }
}

impl Drop for Ticket {
    /// Gives a turn back that was not used.
    fn drop(&mut self) {
        if self.login.alone && !self.begun.load(Ordering::Relaxed) {
            self.accounts.ledger().give_back(&self.login);
        }
    }
}
