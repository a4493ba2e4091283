//! Consecutive interrupted handshakes, by server. MySQL counts them and blocks this whole host at `max_connect_errors`,
//! for every application on it, so the engine stops well before. The ledger remembers them between runs.
//!
//! Until a server has accepted a login, no more handshakes are begun than may be interrupted; otherwise a server that
//! breaks handshakes off would have a thousand of them before the first is known. The same applies to logins of other
//! protocols ("strangers") until the peer has shown that it is not such a server.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::accounts::{Accounts, locked};
use super::handshaking::Handshaking;
use super::ledger::{INTERRUPTIONS, Moment, place, server_shown};
use crate::driver::registry::counting_interruptions;
use crate::driver::spec::Spec;
use crate::model::failure::Failure;
use crate::model::reason::Run;
use crate::model::result::Address;
use crate::model::shell::quoted;

/// How long an observation about a server is trusted.
const TRUSTED: Duration = Duration::from_mins(1);

/// Above this number of servers, those without a login are dropped: the ledger keeps what is needed.
const MANY: usize = 4096;

/// The servers that count interruptions, or may.
pub(super) struct Interruptions {
    accounts: Arc<Accounts>,
}

/// The state of servers in addition to the ledger's, shared by everything in this process that uses one ledger.
#[derive(Default)]
pub(super) struct Servers(Mutex<HashMap<String, Arc<Server>>>);

struct Server {
    /// Places for every login, until this server has accepted one.
    everybody: Places,
    /// Places for logins of other protocols.
    strangers: Places,
    shown: Mutex<(Shown, Instant)>,
}

/// What a server has shown about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Nothing,
    /// It greets like a server that counts.
    Counts,
    /// It has accepted a login, which resets its count.
    LetsIn,
    /// It speaks another protocol.
    Another,
}

/// The handshakes that may be begun. An interrupted handshake does not give its place back. Closed when further logins
/// are withheld.
struct Places {
    permits: Arc<Semaphore>,
    all: usize,
    left: Mutex<Left>,
}

/// The places that are left.
enum Left {
    /// The number of places that are not lost.
    Some(usize),
    /// Unlimited.
    Plenty,
}

/// What a server counts for a dialogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handshake {
    /// It accepted the login and resets its count: `reset_host_connect_errors` in MySQL's and MariaDB's
    /// `check_connection` (`sql/sql_connect.cc`) is called after an authentication without any error.
    Served,
    /// It refused the login, which neither counts nor resets the count.
    Refused,
    /// It counts one more interruption.
    Interrupted,
}

/// The right to one handshake, given back on drop.
#[derive(Default)]
pub(super) struct Place(Vec<Held>);

struct Held {
    name: String,
    server: Arc<Server>,
    strangers: Option<OwnedSemaphorePermit>,
    everybody: Option<OwnedSemaphorePermit>,
}

impl Place {
    /// Whether none of its servers limits the handshakes.
    pub(super) fn is_free(&self) -> bool {
        self.0.is_empty()
    }

    /// The server called `name` has counted the handshake: it does not give its place back there.
    fn lose(&mut self, name: &str) {
        for held in self.0.extract_if(.., |held| held.name == name) {
            held.server.strangers.lose(held.strangers);
            held.server.everybody.lose(held.everybody);
        }
    }
}

impl Interruptions {
    pub(super) fn new(accounts: Arc<Accounts>) -> Arc<Self> {
        Arc::new(Self { accounts })
    }

    /// Waits for a place for a login of the driver `spec` at each of `addresses`. All logins wait in the same order.
    ///
    /// # Errors
    ///
    /// The failure of a login that is withheld to protect this host.
    pub(super) async fn enter(&self, spec: &Spec, addresses: &[Address]) -> Result<Place, Failure> {
        let is_own = spec.blocks_after_interruptions;
        let drivers = counting_interruptions().map(|spec| spec.name);
        let drivers: Vec<&'static str> = if is_own { vec![spec.name] } else { drivers.collect() };
        let servers: BTreeMap<String, &Address> = addresses
            .iter()
            .flat_map(|address| drivers.iter().map(move |driver| (name(driver, address), address)))
            .collect();
        let mut place = Place::default();
        for (name, address) in servers {
            self.look(&name, address)?;
            let server = self.server(&name);
            let strangers = if is_own || server.is_free_for(false) { None } else { server.strangers.wait().await };
            let everybody = if server.is_free_for(is_own) { None } else { server.everybody.wait().await };
            self.look(&name, address)?;
            if strangers.is_some() || everybody.is_some() {
                place.0.push(Held { name, server, strangers, everybody });
            }
        }
        Ok(place)
    }

    /// Records what the server at `address` counts for the dialogue in `place`, which spoke its protocol. An accepted
    /// login counts for all `addresses` of the server's name.
    pub(super) async fn note(
        &self,
        place: Place,
        driver: &'static str,
        address: &Address,
        addresses: &[Address],
        handshake: Handshake,
    ) {
        match handshake {
            Handshake::Refused => {}
            Handshake::Interrupted => self.note_interrupted(place, vec![name(driver, address)]).await,
            Handshake::Served => {
                let names = names(driver, addresses);
                self.lets_in(&names);
                self.accounts.ledger().handshake(&names, false).await;
            }
        }
    }

    /// Records that each of the servers called `names` has counted a handshake that was begun in `place`.
    pub(super) async fn note_interrupted(&self, mut place: Place, names: Vec<String>) {
        if !names.is_empty() {
            self.accounts.ledger().handshake(&names, true).await;
            for name in &names {
                self.is_counted(name, &mut place);
            }
        }
    }

    /// Same as [`Self::note_interrupted`], on the caller's thread.
    pub(super) fn note_interrupted_at_once(&self, mut place: Place, names: &[String]) {
        for name in names {
            self.accounts.ledger().handshake_at_once(name, true);
            self.is_counted(name, &mut place);
        }
    }

    /// Records on the caller's thread that the server of `driver` at `address` has accepted a login.
    pub(super) fn note_served_at_once(&self, driver: &'static str, address: &Address) {
        let name = name(driver, address);
        self.lets_in(std::slice::from_ref(&name));
        self.accounts.ledger().handshake_at_once(&name, false);
    }

    fn lets_in(&self, names: &[String]) {
        for server in names.iter().map(|name| self.server(name)) {
            server.strangers.refill();
            if server.shows(Shown::LetsIn) {
                server.everybody.open();
            }
        }
    }

    /// Updates `place` after the ledger has recorded that `name` counted its handshake.
    fn is_counted(&self, name: &str, place: &mut Place) {
        self.counts(name);
        if self.held(name).is_some() {
            let server = self.server(name);
            server.strangers.permits.close();
            server.everybody.permits.close();
        }
        place.lose(name);
    }

    /// The server called `name` has greeted like one that counts.
    pub(super) fn counts(&self, name: &str) {
        let server = self.server(name);
        if server.shown() != Shown::LetsIn {
            server.shows(Shown::Counts);
        }
    }

    /// The peer at `address` speaks another protocol than the servers that count. This holds for all of `addresses`
    /// with the same port, which belong to one name or one cluster.
    pub(super) fn is_another(&self, address: &Address, addresses: &[Address]) {
        let is_alike = |other: &&Address| match (other, address) {
            (Address::Ip(other), Address::Ip(address)) => other.port() == address.port(),
            _ => false,
        };
        for address in std::iter::once(address).chain(addresses.iter().filter(is_alike)) {
            for driver in counting_interruptions().map(|spec| spec.name) {
                let name = name(driver, address);
                let server = self.server(&name);
                if server.shows(Shown::Another) {
                    server.strangers.open();
                    server.everybody.open();
                    // The interruptions in the ledger were counted by another server at this address.
                    if self.accounts.ledger().interrupted(&name).0 > 0 {
                        self.accounts.ledger().handshake_at_once(&name, false);
                    }
                }
            }
        }
    }

    /// The server at `address` that is known to count, from this run or an earlier one.
    pub(super) fn known_at(&self, address: &Address) -> Option<String> {
        let mut names = counting_interruptions().map(|spec| name(spec.name, address));
        names.find(|name| match self.server(name).shown() {
            Shown::Counts | Shown::LetsIn => true,
            Shown::Another => false,
            Shown::Nothing => self.accounts.ledger().interrupted(name).0 > 0,
        })
    }

    /// Notes beside the ledger that a handshake with `server` begins or is over.
    pub(super) fn note_begun(&self, server: &str, begins: bool) {
        self.accounts.ledger().shakes_hands(server, begins);
    }

    /// Records the end of a login of another protocol that `handshaking` followed. `interrupted` means that the server
    /// sent nothing.
    pub(super) async fn note_stranger(&self, place: Place, handshaking: &Handshaking, interrupted: bool) {
        self.note_interrupted(place, handshaking.counted(interrupted)).await;
    }

    fn held(&self, name: &str) -> Option<Moment> {
        self.accounts.ledger().interrupted(name).1
    }

    fn look(&self, name: &str, address: &Address) -> Result<(), Failure> {
        let Some(until) = self.held(name) else { return Ok(()) };
        let ledger = self.accounts.ledger();
        let ends = ledger.ended_by().map(|command| format!("{command} {}", quoted(&server_shown(name))));
        // Handshakes that were under way together may have exceeded the five.
        let interrupted = ledger.interrupted(name).0.max(INTERRUPTIONS);
        Err(Failure::of(Run::ServerProtected {
            address: address.to_string(),
            interrupted,
            until: until.timestamp(),
            ends,
        }))
    }

    fn server(&self, name: &str) -> Arc<Server> {
        let mut servers = locked(&self.accounts.servers.0);
        if servers.len() >= MANY {
            servers.retain(|_, server| server.is_in_use());
        }
        // After a hold, one handshake is tried.
        let is_outdated = |server: &Arc<Server>| {
            if server.is_closed() { self.held(name).is_none() } else { server.is_trusted_no_more() }
        };
        if servers.get(name).is_some_and(is_outdated) {
            servers.remove(name);
        }
        let new = || {
            let left = INTERRUPTIONS.saturating_sub(self.accounts.ledger().interrupted(name).0).max(1);
            Arc::new(Server {
                everybody: Places::new(left as usize),
                strangers: Places::new(left as usize),
                shown: Mutex::new((Shown::Nothing, Instant::now())),
            })
        };
        Arc::clone(servers.entry(name.to_owned()).or_insert_with(new))
    }
}

impl Server {
    /// Whether a login needs no place: one of this server's own protocol, once the server has accepted a login; one of
    /// another protocol, once the peer has shown that it does not count.
    fn is_free_for(&self, is_own: bool) -> bool {
        match self.shown() {
            Shown::Another => !is_own,
            Shown::LetsIn => is_own,
            Shown::Nothing | Shown::Counts => false,
        }
    }

    fn shown(&self) -> Shown {
        locked(&self.shown).0
    }

    /// Sets what the server has shown, as of now. Returns whether it changed.
    fn shows(&self, shown: Shown) -> bool {
        std::mem::replace(&mut *locked(&self.shown), (shown, Instant::now())).0 != shown
    }

    /// Whether the observation that makes the server free has expired and no login is under way there.
    fn is_trusted_no_more(self: &Arc<Self>) -> bool {
        let (shown, at) = *locked(&self.shown);
        matches!(shown, Shown::LetsIn | Shown::Another) && at.elapsed() >= TRUSTED && !self.is_in_use()
    }

    fn is_in_use(self: &Arc<Self>) -> bool {
        Arc::strong_count(self) > 1
    }

    fn is_closed(&self) -> bool {
        self.everybody.permits.is_closed()
    }
}

impl Places {
    fn new(all: usize) -> Self {
        Self { permits: Arc::new(Semaphore::new(all)), all, left: Mutex::new(Left::Some(all)) }
    }

    /// Waits for a place; `None` when further logins are withheld.
    async fn wait(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.permits).acquire_owned().await.ok()
    }

    /// Does not give the place back, unless it is the last: other logins would wait forever, and the ledger decides
    /// when to stop.
    fn lose(&self, permit: Option<OwnedSemaphorePermit>) {
        let Some(permit) = permit else { return };
        if let Left::Some(left) = &mut *locked(&self.left)
            && *left > 1
        {
            *left -= 1;
            permit.forget();
        }
    }

    /// Restores all places that were lost.
    fn refill(&self) {
        if let Left::Some(left) = &mut *locked(&self.left) {
            self.permits.add_permits(self.all - *left);
            *left = self.all;
        }
    }

    /// Makes the places unlimited.
    fn open(&self) {
        if let Left::Some(_) = std::mem::replace(&mut *locked(&self.left), Left::Plenty) {
            self.permits.add_permits(Semaphore::MAX_PERMITS / 2);
        }
    }
}

/// The names that the ledger has for the servers at `addresses`.
pub(super) fn names(driver: &'static str, addresses: &[Address]) -> Vec<String> {
    let names: BTreeSet<String> = addresses.iter().map(|address| name(driver, address)).collect();
    names.into_iter().collect()
}

/// The name that the ledger has for the server: all addresses of the local machine are one server.
pub(super) fn name(driver: &'static str, address: &Address) -> String {
    format!("{driver} {}", place(address))
}
