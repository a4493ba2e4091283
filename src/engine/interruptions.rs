//! Interrupted handshakes in a row, by server: MySQL counts them and blocks this whole host at `max_connect_errors`,
//! for every application on it, so the engine stops well before. The ledger remembers them between runs.
//!
//! Until a server has let a login in no more handshakes are begun than may be interrupted, or a server that breaks off
//! would have a thousand before the first is known.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::accounts::{Accounts, locked};
use super::ledger::{INTERRUPTIONS, Moment, place, server_shown};
use super::progress::Progress;
use crate::driver::attempt::Recorder;
use crate::driver::registry::{counter_of, counting_interruptions};
use crate::model::failure::Failure;
use crate::model::reason::Run;
use crate::model::result::Address;
use crate::model::shell::quoted;

/// So long a server that has let a login in is taken for one that does.
const TRUSTED: Duration = Duration::from_mins(1);

/// With so many servers known, those that nobody is at are let go: what the ledger knows of them is enough.
const MANY: usize = 4096;

/// The servers that count interruptions.
pub(super) struct Interruptions {
    accounts: Arc<Accounts>,
    servers: Mutex<HashMap<String, Arc<Server>>>,
}

struct Server {
    /// The handshakes that may be begun: an interrupted one does not give its place back, and there are
    /// plenty once one was finished. Closed when the rest is withheld.
    places: Arc<Semaphore>,
    /// When one was finished last.
    finished: Mutex<Option<Instant>>,
}

/// What a server counts of a dialogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handshake {
    /// It let the login in, and counts from nought again: `reset_host_connect_errors` in MySQL's and MariaDB's
    /// `check_connection` (`sql/sql_connect.cc`) is called after an authentication without any error.
    Served,
    /// It said no, which neither counts nor ends the count.
    Refused,
    /// It counts one more.
    Interrupted,
}

/// The right to one handshake, given back on drop.
pub(super) struct Place(Vec<(String, OwnedSemaphorePermit)>);

/// A handshake, from where its server is connected to until its credential leaves or the ledger knows what came of it:
/// broken off in between it is counted. The server has all that it needs to end it later.
pub(super) struct Handshaking {
    accounts: Arc<Accounts>,
    driver: &'static str,
    /// It is noted beside the ledger, should this process be killed.
    is_noted: bool,
    with: Mutex<Option<String>>,
}

impl Handshaking {
    /// One that may be with a server that has not let a login in yet.
    pub(super) fn new(accounts: &Arc<Accounts>, driver: &'static str, is_noted: bool) -> Arc<Self> {
        Arc::new(Self { accounts: Arc::clone(accounts), driver, is_noted, with: Mutex::default() })
    }

    /// Follows a login of the check at `progress` by what its `recorder` is told, which does `leaving` right before the
    /// credential leaves.
    pub(super) fn follow(
        self: &Arc<Self>,
        recorder: &Recorder,
        progress: &Progress,
        leaving: impl FnOnce() + Send + 'static,
    ) {
        progress.shakes_hands(self);
        self.listen(recorder, leaving);
    }

    /// The same of a login that no check makes.
    pub(super) fn listen(self: &Arc<Self>, recorder: &Recorder, leaving: impl FnOnce() + Send + 'static) {
        let (begun, left) = (Arc::clone(self), Arc::clone(self));
        recorder.when_reached(move |address| begun.be_with(Some(name(begun.driver, address))));
        recorder.before_leaving(move || {
            leaving();
            left.is_over();
        });
    }

    /// It cannot be broken off any more, or that it was is known.
    pub(super) fn is_over(&self) {
        self.be_with(None);
    }

    /// The server that counts it if it is broken off now.
    pub(super) fn with(&self) -> Option<String> {
        locked(&self.with).clone()
    }

    fn be_with(&self, server: Option<String>) {
        let before = std::mem::replace(&mut *locked(&self.with), server.clone());
        if self.is_noted {
            for (server, begins) in before.into_iter().map(|one| (one, false)).chain(server.map(|one| (one, true))) {
                self.accounts.ledger().shakes_hands(&server, begins);
            }
        }
    }
}

impl Place {
    /// Whether its servers have let a login in, so that nothing is counted against them.
    pub(super) fn is_free(&self) -> bool {
        self.0.is_empty()
    }
}

impl Interruptions {
    pub(super) fn new(accounts: Arc<Accounts>) -> Self {
        Self { accounts, servers: Mutex::default() }
    }

    /// Waits for a place at every one of `addresses`, in one order for everybody.
    ///
    /// # Errors
    ///
    /// Why the server must be left alone.
    pub(super) async fn enter(&self, driver: &'static str, addresses: &[Address]) -> Result<Place, Failure> {
        let mut permits = Vec::new();
        let servers: BTreeMap<String, &Address> =
            addresses.iter().map(|address| (name(driver, address), address)).collect();
        for (name, address) in servers {
            self.look(&name, address)?;
            let server = self.server(&name);
            if server.has_finished_one() {
                continue;
            }
            let permit = Arc::clone(&server.places).acquire_owned().await;
            self.look(&name, address)?;
            permits.extend(permit.ok().map(|permit| (name, permit)));
        }
        Ok(Place(permits))
    }

    /// Notes what the server at `address` counts of the dialogue in `place`; one that was served speaks for all the
    /// `addresses` of its name.
    pub(super) async fn note(
        &self,
        place: Place,
        driver: &'static str,
        address: &Address,
        addresses: &[Address],
        handshake: Handshake,
    ) {
        if handshake == Handshake::Refused {
            return;
        }
        if handshake == Handshake::Interrupted {
            let at = name(driver, address);
            for (_, permit) in place.0.into_iter().filter(|(other, _)| *other == at) {
                permit.forget();
            }
            self.accounts.ledger().handshake(std::slice::from_ref(&at), true).await;
            if self.held(&at).is_some() {
                self.server(&at).places.close();
            }
            return;
        }
        let names: Vec<String> = addresses.iter().map(|address| name(driver, address)).collect();
        for server in names.iter().map(|name| self.server(name)) {
            if locked(&server.finished).replace(Instant::now()).is_none() {
                server.places.add_permits(Semaphore::MAX_PERMITS / 2);
            }
        }
        self.accounts.ledger().handshake(&names, false).await;
    }

    /// Whether a login that means to speak another protocol may go to `addresses`: a server that counts interruptions may be
    /// at one of them.
    ///
    /// # Errors
    ///
    /// Why it must be left alone.
    pub(super) fn look_as_stranger(&self, addresses: &[Address]) -> Result<(), Failure> {
        counting_interruptions().try_for_each(|spec| self.look_at(spec.name, addresses))
    }

    /// Whether a login may go to the servers of `driver` at `addresses`.
    ///
    /// # Errors
    ///
    /// Why one must be left alone.
    pub(super) fn look_at(&self, driver: &'static str, addresses: &[Address]) -> Result<(), Failure> {
        addresses.iter().try_for_each(|address| self.look(&name(driver, address), address))
    }

    /// Notes on the caller's thread that a handshake with a server of `driver` at `address` was `interrupted`, or ended with a
    /// login that was let in.
    pub(super) fn note_at_once(&self, driver: &'static str, address: &Address, interrupted: bool) {
        self.accounts.ledger().handshake_at_once(&name(driver, address), interrupted);
    }

    /// Notes that a login which spoke another protocol has met a server that counts interruptions, where `recorder` shows one.
    pub(super) async fn note_stranger(&self, recorder: &Recorder) {
        let (address, spoken) = recorder.look(|trace| (trace.address.clone(), trace.spoken()));
        if let (Some(address), Some(driver)) = (address, spoken.and_then(counter_of)) {
            self.accounts.ledger().handshake(&[name(driver, &address)], true).await;
        }
    }

    fn held(&self, name: &str) -> Option<Moment> {
        self.accounts.ledger().interrupted(name).1
    }

    fn look(&self, name: &str, address: &Address) -> Result<(), Failure> {
        let Some(until) = self.held(name) else { return Ok(()) };
        let ledger = self.accounts.ledger();
        let ends = ledger.ended_by().map(|command| format!("{command} {}", quoted(&server_shown(name))));
        // Those that were on their way together may have been more than the five.
        let interrupted = ledger.interrupted(name).0.max(INTERRUPTIONS);
        Err(Failure::of(Run::ServerProtected {
            address: address.to_string(),
            interrupted,
            until: until.timestamp(),
            ends,
        }))
    }

    fn server(&self, name: &str) -> Arc<Server> {
        let mut servers = locked(&self.servers);
        if servers.len() >= MANY {
            servers.retain(|_, server| server.is_in_use());
        }
        // After a hold one handshake is tried.
        let is_outdated = |server: &Arc<Server>| {
            if server.places.is_closed() { self.held(name).is_none() } else { server.is_trusted_no_more() }
        };
        if servers.get(name).is_some_and(is_outdated) {
            servers.remove(name);
        }
        let new = || {
            let left = INTERRUPTIONS.saturating_sub(self.accounts.ledger().interrupted(name).0).max(1);
            Arc::new(Server { places: Arc::new(Semaphore::new(left as usize)), finished: Mutex::default() })
        };
        Arc::clone(servers.entry(name.to_owned()).or_insert_with(new))
    }
}

impl Server {
    fn has_finished_one(&self) -> bool {
        locked(&self.finished).is_some_and(|at| at.elapsed() < TRUSTED)
    }

    /// Whether it let a login in long ago, and nobody is there now.
    fn is_trusted_no_more(self: &Arc<Self>) -> bool {
        locked(&self.finished).is_some() && !self.has_finished_one() && !self.is_in_use()
    }

    fn is_in_use(self: &Arc<Self>) -> bool {
        Arc::strong_count(self) > 1 || Arc::strong_count(&self.places) > 1
    }
}

/// The servers at `addresses`, as the ledger has them.
pub(super) fn names(driver: &'static str, addresses: &[Address]) -> Vec<String> {
    let names: BTreeSet<String> = addresses.iter().map(|address| name(driver, address)).collect();
    names.into_iter().collect()
}

/// The server as the ledger has it: all of a machine's own addresses are one.
fn name(driver: &'static str, address: &Address) -> String {
    format!("{driver} {}", place(address))
}
