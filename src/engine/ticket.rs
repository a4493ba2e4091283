//! `Ticket`: the turn of one login, from the ledger's word that it may go to what came of it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::OwnedSemaphorePermit;

use super::accounts::{Accounts, locked};
use super::held::overlooked;
use super::ledger::{End, Hold, Login};
use crate::driver::attempt::Recorder;
use crate::driver::{Attempt, Circumstances, Met};
use crate::model::failure::Failure;

/// The turn of one login at every server that it may reach; others of the account wait for its drop.
pub(super) struct Ticket {
    accounts: Arc<Accounts>,
    login: Arc<Login>,
    early: bool,
    /// It has ended, or its credential has left.
    begun: Arc<AtomicBool>,
    course: Arc<Mutex<Course>>,
    places: Vec<OwnedSemaphorePermit>,
}

/// How a login really goes.
#[derive(Default)]
struct Course {
    /// The circumstances that it met.
    met: Option<String>,
    /// Why it goes no further in these.
    held: Option<Hold>,
}

impl Ticket {
    /// The turn of `login`, which the ledger let go, and which holds `places` in its accounts.
    pub(super) fn new(accounts: Arc<Accounts>, login: Login, early: bool, places: Vec<OwnedSemaphorePermit>) -> Self {
        Self { accounts, login: Arc::new(login), early, begun: Arc::default(), course: Arc::default(), places }
    }

    /// What is to be asked once the login's `circumstances` are known: whether its secret was refused in these.
    pub(super) fn gate(
        &self,
        circumstances: Circumstances,
    ) -> impl FnMut(Met<'_>) -> Result<(), Failure> + Send + 'static {
        let (accounts, login, course) = (Arc::clone(&self.accounts), Arc::clone(&self.login), Arc::clone(&self.course));
        let early = self.early;
        move |met| {
            let Some(met) = circumstances.met(met) else { return Ok(()) };
            // Whoever had no choice was asked before.
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

    /// Whose turn it is.
    pub(super) fn login(&self) -> &Login {
        &self.login
    }

    /// Why the login was stopped before its credential left.
    pub(super) fn stopped(&self) -> Option<Hold> {
        locked(&self.course).held.clone()
    }

    /// What is to be done right before the credential leaves; a hold that is overlooked is noted in `recorder`.
    pub(super) fn leaving(&self, recorder: &Arc<Recorder>) -> impl FnOnce() + Send + 'static {
        // The recorder owns what is returned.
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

    /// What the login came to.
    pub(super) async fn end(&self, end: End) {
        self.begun.store(true, Ordering::Relaxed);
        let met = locked(&self.course).met.clone();
        let login = self.login.meeting(met);
        let end = End { early: self.early, ..end };
        self.accounts.note(&login, &end);
        self.accounts.ledger().end(&login, &end).await;
    }

    /// Gives the turn back, and keeps what is needed for an answer that comes late.
    pub(super) fn released(mut self) -> Self {
        self.places.clear();
        self
    }
}

impl Drop for Ticket {
    /// A turn that came to nothing.
    fn drop(&mut self) {
        if self.login.alone && !self.begun.load(Ordering::Relaxed) {
            self.accounts.ledger().give_back(&self.login);
        }
    }
}
