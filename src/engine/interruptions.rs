//! Interrupted handshakes in a row, by server: MySQL counts them and blocks our whole host at
//! `max_connect_errors`, for every application on it, so we stop well before.
//!
//! Until a server has finished a handshake no more of them are begun than may be interrupted, or a
//! silent server would have a thousand before the first is known.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::model::failure::Failure;
use crate::model::reason::Run;
use crate::model::result::Address;

/// So many interruptions in a row, and the rest of that server's checks are withheld.
const LIMIT: usize = 5;

/// The servers of a run that count interruptions.
#[derive(Default)]
pub(super) struct Interruptions(Mutex<HashMap<Address, Arc<Server>>>);

struct Server {
    /// The handshakes that may be begun: an interrupted one does not give its place back, and there are
    /// plenty once one was finished. Closed when the rest is withheld.
    places: Arc<Semaphore>,
    history: Mutex<History>,
}

#[derive(Default)]
struct History {
    in_a_row: usize,
    finished_one: bool,
}

/// The right to one handshake, given back on drop.
pub(super) struct Place(Vec<(Address, OwnedSemaphorePermit)>);

impl Interruptions {
    /// Waits for a place at every one of `addresses`, in one order for everybody.
    ///
    /// # Errors
    ///
    /// Why the server must be left alone.
    pub(super) async fn enter(&self, addresses: &[Address]) -> Result<Place, Failure> {
        let mut permits = Vec::new();
        for address in addresses.iter().collect::<BTreeSet<_>>() {
            let server = self.server(address);
            if !server.history().finished_one {
                match Arc::clone(&server.places).acquire_owned().await {
                    Ok(permit) => permits.push((address.clone(), permit)),
                    Err(_closed) => return Err(withheld(address)),
                }
            }
            if server.history().in_a_row >= LIMIT {
                return Err(withheld(address));
            }
        }
        Ok(Place(permits))
    }

    /// Notes how the dialogue in `place`, which was with `address`, ended; a finished one speaks for all
    /// the `addresses` of its name.
    pub(super) fn note(&self, place: Place, address: &Address, addresses: &[Address], interrupted: bool) {
        if interrupted {
            for (_, permit) in place.0.into_iter().filter(|(at, _)| at == address) {
                permit.forget();
            }
            let server = self.server(address);
            let mut history = server.history();
            history.in_a_row += 1;
            if history.in_a_row >= LIMIT {
                server.places.close();
            }
            return;
        }
        for address in addresses {
            let server = self.server(address);
            let mut history = server.history();
            history.in_a_row = 0;
            if !std::mem::replace(&mut history.finished_one, true) {
                server.places.add_permits(Semaphore::MAX_PERMITS / 2);
            }
        }
    }

    fn server(&self, address: &Address) -> Arc<Server> {
        let mut servers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(
            servers.entry(address.clone()).or_insert_with(|| {
                Arc::new(Server { places: Arc::new(Semaphore::new(LIMIT)), history: Mutex::default() })
            }),
        )
    }
}

impl Server {
    fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn withheld(address: &Address) -> Failure {
    Failure::of(Run::ServerProtected { address: address.to_string(), interrupted: LIMIT })
}
