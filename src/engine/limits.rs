//! How many probes run at once: in all, and to one host, whatever it is called.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::model::result::Address;

/// With so many hosts known, those that nobody is at are let go.
const MANY: usize = 4096;

/// The permits of an engine.
pub(super) struct Limits {
    all: Arc<Semaphore>,
    per_host: usize,
    hosts: Mutex<Hosts>,
}

#[derive(Default)]
struct Hosts {
    known: HashMap<Host, Arc<Semaphore>>,
    /// With so many, those that nobody is at are let go.
    many: usize,
}

/// What has places of its own.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Host {
    Address(IpAddr),
    /// Without an address: as named, in lower case.
    Name(String),
}

/// The right to run one probe, given back on drop.
pub(super) struct Permit {
    _hosts: Vec<OwnedSemaphorePermit>,
    _all: OwnedSemaphorePermit,
}

impl Limits {
    pub(super) fn new(concurrency: usize, per_host: usize) -> Self {
        let possible = |places: usize| places.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            all: Arc::new(Semaphore::new(possible(concurrency))),
            per_host: possible(per_host),
            hosts: Mutex::default(),
        }
    }

    /// Waits for a place at each of the `addresses`, port or not, of a host (as it is `named`, where it has none),
    /// then for one in all: the other way round a slow host would hold the places that everybody needs.
    pub(super) async fn acquire(&self, named: &str, addresses: &[Address]) -> Permit {
        let ip = |address: &Address| match address {
            Address::Ip(socket) => Some(Host::Address(socket.ip().to_canonical())),
            Address::Unix(_) => None,
        };
        // In one order for everybody, so that two logins with several addresses cannot wait for each other.
        let mut hosts: BTreeSet<Host> = addresses.iter().filter_map(ip).collect();
        if hosts.is_empty() {
            hosts.insert(Host::Name(named.to_lowercase()));
        }
        let mut places = Vec::with_capacity(hosts.len());
        for host in hosts {
            places.push(place(self.places(host)).await);
        }
        Permit { _hosts: places, _all: place(Arc::clone(&self.all)).await }
    }

    fn places(&self, host: Host) -> Arc<Semaphore> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.known.len() >= hosts.many.max(MANY) {
            // Who waits, or is there, has one too.
            hosts.known.retain(|_, places| Arc::strong_count(places) > 1);
            hosts.many = 2 * hosts.known.len();
        }
        Arc::clone(hosts.known.entry(host).or_insert_with(|| Arc::new(Semaphore::new(self.per_host))))
    }
}

async fn place(semaphore: Arc<Semaphore>) -> OwnedSemaphorePermit {
    match semaphore.acquire_owned().await {
        Ok(permit) => permit,
        Err(_closed) => unreachable!("the semaphores of an engine are never closed"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    fn at(ips: &[[u8; 4]], port: u16) -> Vec<Address> {
        ips.iter().map(|ip| Address::Ip((*ip, port).into())).collect()
    }

    #[tokio::test]
    async fn a_host_is_forgotten_only_when_nobody_is_there() {
        let limits = Limits::new(64, 1);
        let _held = limits.acquire("db", &[]).await;
        for number in 0..2 * MANY {
            drop(limits.acquire(&format!("db{number}"), &[]).await);
        }
        assert!(limits.hosts.lock().unwrap().known.len() <= MANY + 1);
        assert!(timeout(Duration::from_millis(20), limits.acquire("db", &[])).await.is_err());
    }

    #[tokio::test]
    async fn a_host_is_limited_by_its_addresses_whatever_it_is_called() {
        let limits = Limits::new(64, 1);
        let _held = limits.acquire("db1", &at(&[[10, 0, 0, 1], [10, 0, 0, 2]], 1)).await;
        let mapped: Address = Address::Ip("[::ffff:10.0.0.1]:1".parse().unwrap());
        for (named, addresses, free) in [
            ("db2", at(&[[10, 0, 0, 1]], 1), false),
            ("db2", at(&[[10, 0, 0, 2]], 9), false),
            ("db2", vec![mapped], false),
            ("db1", at(&[[10, 0, 0, 3]], 1), true),
            ("db1", Vec::new(), true),
        ] {
            let got = timeout(Duration::from_millis(20), limits.acquire(named, &addresses)).await;
            assert_eq!(got.is_ok(), free, "{named} at {addresses:?}");
        }
    }
}
