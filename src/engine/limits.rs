//! How many probes run at once: in total, and to one host, whatever its name.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::driver::Spec;
use crate::model::result::Address;

/// Above this number of hosts, those without a probe are dropped.
const MANY: usize = 4096;

/// The permits of an engine.
pub(super) struct Limits {
    all: Arc<Semaphore>,
    per_host: usize,
    hosts: Mutex<Places<Host>>,
    /// Places of drivers whose servers accept few logins from one host.
    own: Mutex<Places<(&'static str, Host)>>,
}

struct Places<K> {
    known: HashMap<K, Arc<Semaphore>>,
    /// Above this number, places without a probe are dropped.
    many: usize,
}

/// What has its own places.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Host {
    Address(IpAddr),
    /// A host without a known address: its name in lower case.
    Name(String),
}

/// The right to run one probe, released on drop.
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
            own: Mutex::default(),
        }
    }

    /// Waits for a place at each of the `addresses` of a host, whatever the port (or at the name `named`, if it has no
    /// address), then for one of the places in total. In the opposite order a slow host would hold places that all
    /// hosts need. The driver of `spec` may have fewer places there.
    pub(super) async fn acquire(&self, spec: &Spec, named: &str, addresses: &[Address]) -> Permit {
        let ip = |address: &Address| match address {
            Address::Ip(socket) => Some(Host::Address(socket.ip().to_canonical())),
            Address::Unix(_) => None,
        };
        // All logins acquire in the same order, so that two logins with several addresses cannot wait for each other.
        let mut hosts: BTreeSet<Host> = addresses.iter().filter_map(ip).collect();
        if hosts.is_empty() {
            hosts.insert(Host::Name(named.to_lowercase()));
        }
        let mut places = Vec::with_capacity(hosts.len());
        for host in hosts {
            if let Some(most) = spec.logins_per_host {
                places.push(place(self.own_places((spec.name, host.clone()), most)).await);
            }
            places.push(place(self.places(host)).await);
        }
        Permit { _hosts: places, _all: place(Arc::clone(&self.all)).await }
    }

    fn own_places(&self, of: (&'static str, Host), most: usize) -> Arc<Semaphore> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        own.of(of, most.clamp(1, self.per_host))
    }

    fn places(&self, host: Host) -> Arc<Semaphore> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner).of(host, self.per_host)
    }
}

impl<K: Eq + Hash> Places<K> {
    fn of(&mut self, key: K, count: usize) -> Arc<Semaphore> {
        if self.known.len() >= self.many.max(MANY) {
            // A probe that waits or runs holds a clone too.
            self.known.retain(|_, places| Arc::strong_count(places) > 1);
            self.many = 2 * self.known.len();
        }
        Arc::clone(self.known.entry(key).or_insert_with(|| Arc::new(Semaphore::new(count))))
    }
}

impl<K> Default for Places<K> {
    fn default() -> Self {
        Self { known: HashMap::new(), many: 0 }
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
    use crate::driver::Proof;

    static ANY: Spec = Spec::new("any", "Any", &[("any", 1)], Proof::explicit("never"));

    /// A driver with one login per host uses its own places and leaves the others free.
    #[tokio::test]
    async fn a_driver_may_have_fewer_places_at_a_host() {
        static FEW: Spec = Spec::new("few", "Few", &[("few", 1)], Proof::explicit("never")).logins_per_host(1);
        let limits = Limits::new(64, 4);
        let host = at(&[[10, 0, 0, 1]], 22);
        let held = limits.acquire(&FEW, "h", &host).await;
        for (spec, addresses, free) in
            [(&FEW, &host, false), (&ANY, &host, true), (&FEW, &at(&[[10, 0, 0, 2]], 22), true)]
        {
            let got = timeout(Duration::from_millis(20), limits.acquire(spec, "h", addresses)).await;
            assert_eq!(got.is_ok(), free, "{} {addresses:?}", spec.name);
        }
        drop(held);
        assert!(timeout(Duration::from_millis(20), limits.acquire(&FEW, "h", &host)).await.is_ok());
    }

    fn at(ips: &[[u8; 4]], port: u16) -> Vec<Address> {
        ips.iter().map(|ip| Address::Ip((*ip, port).into())).collect()
    }

    #[tokio::test]
    async fn a_host_is_forgotten_only_when_nobody_is_there() {
        let limits = Limits::new(64, 1);
        let _held = limits.acquire(&ANY, "db", &[]).await;
        for number in 0..2 * MANY {
            drop(limits.acquire(&ANY, &format!("db{number}"), &[]).await);
        }
        assert!(limits.hosts.lock().unwrap().known.len() <= MANY + 1);
        assert!(timeout(Duration::from_millis(20), limits.acquire(&ANY, "db", &[])).await.is_err());
    }

    #[tokio::test]
    async fn a_host_is_limited_by_its_addresses_whatever_it_is_called() {
        let limits = Limits::new(64, 1);
        let _held = limits.acquire(&ANY, "db1", &at(&[[10, 0, 0, 1], [10, 0, 0, 2]], 1)).await;
        let mapped: Address = Address::Ip("[::ffff:10.0.0.1]:1".parse().unwrap());
        for (named, addresses, free) in [
            ("db2", at(&[[10, 0, 0, 1]], 1), false),
            ("db2", at(&[[10, 0, 0, 2]], 9), false),
            ("db2", vec![mapped], false),
            ("db1", at(&[[10, 0, 0, 3]], 1), true),
            ("db1", Vec::new(), true),
        ] {
            let got = timeout(Duration::from_millis(20), limits.acquire(&ANY, named, &addresses)).await;
            assert_eq!(got.is_ok(), free, "{named} at {addresses:?}");
        }
    }
}
