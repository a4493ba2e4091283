//! `Handshaking`: tracks a login from its connection until the server can no longer count it as an interrupted
//! handshake. If the login is broken off in between, it is one. A login that speaks the server's own protocol is safe
//! once its credential leaves. A login that speaks another protocol is counted wherever the server sends a greeting, or
//! where a server that counts is known to be.

use std::sync::{Arc, Mutex};

use super::accounts::locked;
use super::interruptions::{Interruptions, Place, name};
use super::progress::Progress;
use crate::driver::attempt::Recorder;
use crate::driver::registry::counting;
use crate::driver::spec::Spec;
use crate::model::result::Address;

/// The handshake of one login.
pub(super) struct Handshaking {
    interruptions: Arc<Interruptions>,
    /// The driver's name, if it speaks the protocol of servers that count.
    own: Option<&'static str>,
    /// Whether it is noted beside the ledger, in case this process is killed.
    is_noted: bool,
    /// All addresses that it may connect to.
    addresses: Vec<Address>,
    now: Mutex<Now>,
}

#[derive(Default)]
struct Now {
    /// The server that counts the handshake if it is broken off now.
    with: Option<String>,
    /// Whether that server has greeted a client of another protocol.
    is_greeted: bool,
    /// Servers that greeted earlier and were left.
    left: Vec<String>,
}

impl Handshaking {
    /// The handshake of a login of the driver `spec` that holds `place` and may connect to `addresses`.
    pub(super) fn new(
        interruptions: &Arc<Interruptions>,
        spec: &Spec,
        place: &Place,
        addresses: &[Address],
    ) -> Arc<Self> {
        let is_own = spec.blocks_after_interruptions;
        Self::with(interruptions, spec, !(is_own && place.is_free()), addresses)
    }

    /// A handshake that is always noted beside the ledger.
    pub(super) fn noted(interruptions: &Arc<Interruptions>, spec: &Spec, addresses: &[Address]) -> Arc<Self> {
        Self::with(interruptions, spec, true, addresses)
    }

    fn with(interruptions: &Arc<Interruptions>, spec: &Spec, is_noted: bool, addresses: &[Address]) -> Arc<Self> {
        Arc::new(Self {
            interruptions: Arc::clone(interruptions),
            own: spec.blocks_after_interruptions.then_some(spec.name),
            is_noted,
            addresses: addresses.to_vec(),
            now: Mutex::default(),
        })
    }

    /// Follows a login of the check at `progress` through its `recorder`. `leaving` runs right before the credential
    /// leaves.
    pub(super) fn follow(
        self: &Arc<Self>,
        recorder: &Recorder,
        progress: &Progress,
        leaving: impl FnOnce() + Send + 'static,
    ) {
        progress.shakes_hands(self);
        self.listen(recorder, leaving);
    }

    /// Same as [`Handshaking::follow`], for a login that does not belong to a check.
    pub(super) fn listen(self: &Arc<Self>, recorder: &Recorder, leaving: impl FnOnce() + Send + 'static) {
        let begun = Arc::clone(self);
        recorder.when_reached(move |address| begun.is_at(address));
        if self.own.is_none() {
            let heard = Arc::clone(self);
            recorder.when_heard(move |address, first| heard.hears(address, first));
            recorder.before_leaving(leaving);
            return;
        }
        let left = Arc::clone(self);
        recorder.before_leaving(move || {
            leaving();
            left.is_over();
        });
    }

    /// The login has connected to `address`.
    fn is_at(&self, address: &Address) {
        let server = match self.own {
            Some(driver) => Some(name(driver, address)),
            None => self.interruptions.known_at(address),
        };
        {
            let mut now = locked(&self.now);
            if now.is_greeted {
                now.is_greeted = false;
                let left = now.with.take();
                now.left.extend(left);
            }
        }
        self.be_with(server);
    }

    /// The peer at `address` has sent its `first` bytes. Returns whether they identify its protocol.
    fn hears(&self, address: &Address, first: &[u8]) -> bool {
        match counting(first) {
            None => return false,
            Some(Some(driver)) => {
                let server = name(driver, address);
                self.interruptions.counts(&server);
                self.be_with(Some(server));
                locked(&self.now).is_greeted = true;
            }
            Some(None) => {
                self.interruptions.is_another(address, &self.addresses);
                self.be_with(None);
            }
        }
        true
    }

    /// The servers that count one handshake each if the login is broken off now.
    pub(super) fn broken_off(&self) -> Vec<String> {
        let now = locked(&self.now);
        now.left.iter().chain(&now.with).cloned().collect()
    }

    /// The servers that have counted this login of another protocol. The login has ended; `interrupted` means that the
    /// server sent nothing.
    pub(super) fn counted(&self, interrupted: bool) -> Vec<String> {
        let now = locked(&self.now);
        now.left.iter().chain(now.with.iter().filter(|_| now.is_greeted || interrupted)).cloned().collect()
    }

    /// The handshake can no longer be broken off, or its interruption is already recorded.
    pub(super) fn is_over(&self) {
        let left = std::mem::take(&mut locked(&self.now).left);
        if self.is_noted {
            for server in &left {
                self.interruptions.note_begun(server, false);
            }
        }
        self.be_with(None);
    }

    fn be_with(&self, server: Option<String>) {
        let before = std::mem::replace(&mut locked(&self.now).with, server.clone());
        if self.is_noted && before != server {
            for (server, begins) in before.into_iter().map(|one| (one, false)).chain(server.map(|one| (one, true))) {
                self.interruptions.note_begun(&server, begins);
            }
        }
    }
}
