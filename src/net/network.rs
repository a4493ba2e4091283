//! `Network`: the access to servers that all probes of a run share. Each name and address is judged before it is used.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use super::browser;
use super::crate_socket::CrateSockets;
use super::dial::{self, Endpoint, Wire};
use super::egress::Egress;
use super::guard::Budget;
use super::resolve::{self, Asked, Resolution, Resolver};
use super::srv::{Records, SrvResolver};
use super::tls::TrustStore;
use crate::clock::Clock;
use crate::model::failure::Failure;
use crate::model::reason::Policy;
#[cfg(test)]
use crate::model::result::Address;

/// The lookups made for one login, by host in lower case.
pub type Names = HashMap<String, Result<Arc<Resolution>, Failure>>;

/// What all probes of a run share: the resolver with its cache, and the trust store, which is loaded on first use.
/// Clones share both.
#[derive(Clone)]
pub struct Network {
    resolver: Resolver,
    asked: Asked,
    /// Names that are already resolved and not looked up again.
    known: Arc<Names>,
    services: Arc<SrvResolver>,
    trust: Arc<TrustStore>,
    budget: Budget,
    egress: Arc<Egress>,
    /// The DNS server to query instead of the system's resolver.
    dns_server: Option<SocketAddr>,
    crate_sockets: Arc<CrateSockets>,
    clock: Clock,
    /// The address that every peer appears to have.
    #[cfg(test)]
    apparent: Option<Address>,
}

impl Network {
    /// A network for logins, with nothing cached and nothing loaded.
    #[must_use]
    pub fn new() -> Self {
        Self::with_budget(Budget::default())
    }

    /// A network whose connections have the given `budget`, for callers that read more than a login does.
    #[must_use]
    pub fn with_budget(budget: Budget) -> Self {
        Self {
            resolver: Resolver::new(),
            asked: Asked::First,
            known: Arc::default(),
            services: Arc::default(),
            trust: Arc::new(TrustStore::new()),
            budget,
            egress: Arc::default(),
            dns_server: None,
            crate_sockets: Arc::default(),
            clock: Clock::default(),
            #[cfg(test)]
            apparent: None,
        }
    }

    /// Restricts the network to what `egress` allows.
    #[must_use]
    pub fn restricted_to(self, egress: Egress) -> Self {
        Self { egress: Arc::new(egress), ..self }
    }

    /// Queries the DNS server at `server` for every name, on `runtime`, or on the caller's runtime if there is none.
    #[must_use]
    pub fn asking(self, server: SocketAddr, runtime: Option<Handle>) -> Self {
        Self {
            resolver: Resolver::asking(server, runtime).by_clock(&self.clock),
            services: Arc::new(SrvResolver::asking(server)),
            dns_server: Some(server),
            ..self
        }
    }

    /// Uses `clock` for the age of cached lookups.
    #[must_use]
    pub fn by_clock(self, clock: &Clock) -> Self {
        Self { resolver: self.resolver.by_clock(clock), clock: clock.clone(), ..self }
    }

    /// The same network for a retry: names whose lookup failed are looked up once more.
    #[must_use]
    pub fn looking_again(&self) -> Self {
        Self { asked: Asked::Again, ..self.clone() }
    }

    /// The same network for a caller that waits until servers are ready: names are looked up once a second.
    #[must_use]
    pub fn in_wait(&self) -> Self {
        Self { asked: Asked::InWait, ..self.clone() }
    }

    /// The same network for one login with the `known` lookups, so that it connects to the addresses that were judged.
    #[must_use]
    pub fn knowing(&self, known: Names) -> Self {
        Self { known: Arc::new(known), ..self.clone() }
    }

    /// The byte budget of each connection.
    #[must_use]
    pub fn budget(&self) -> Budget {
        self.budget
    }

    /// Resolves `host`. Concurrent callers share one lookup; a literal address needs none.
    ///
    /// # Errors
    ///
    /// `resolve`, or `timeout` after `limit`.
    pub async fn resolve(&self, host: &str, limit: Duration) -> Result<Arc<Resolution>, Failure> {
        match self.known.get(&host.to_lowercase()) {
            Some(known) => known.clone(),
            None if resolve::literal(host).is_none() => {
                self.may_look_up(host)?;
                self.resolver.resolve(host, limit, self.asked).await
            }
            None => self.resolver.resolve(host, limit, self.asked).await,
        }
    }

    /// The SRV records of `_service._tcp.name`, and the TXT records of `name`.
    ///
    /// # Errors
    ///
    /// `resolve`, `timeout` after `limit`, or `local`.
    pub async fn srv(&self, service: &str, name: &str, limit: Duration) -> Result<Records, Failure> {
        self.may_look_up(name)?;
        self.services.resolve(service, name, limit).await
    }

    fn may_look_up(&self, host: &str) -> Result<(), Failure> {
        let denied = self.egress.denies_lookups(self.dns_server);
        denied.map_or(Ok(()), |rule| Err(Failure::of(Policy::LookupDenied { host: host.to_owned(), rule })))
    }

    /// Connects to `endpoint` at one of `addresses` (happy eyeballs), under the network's budget.
    ///
    /// # Errors
    ///
    /// `unreachable`, `timeout`, `policy` for a denied address, `local`.
    pub async fn connect(&self, endpoint: &Endpoint, addresses: &[IpAddr], deadline: Instant) -> Result<Wire, Failure> {
        let wire = dial::connect(endpoint, addresses, &self.egress, self.budget, deadline).await?;
        #[cfg(test)]
        let wire = Wire { address: self.apparent.clone().unwrap_or(wire.address), ..wire };
        Ok(wire)
    }

    /// A network on which every name resolves to `address`.
    #[cfg(test)]
    pub(crate) fn knowing_only(address: IpAddr) -> Self {
        Self { resolver: Resolver::knowing_only(address), ..Self::new() }
    }

    /// A network whose peers all appear to be on another machine. For tests of what may be sent to remote servers,
    /// since the tests' own peers are local.
    #[cfg(test)]
    pub(crate) fn remote() -> Self {
        Self { apparent: Some(Address::Ip(([203, 0, 113, 7], 1).into())), ..Self::new() }
    }

    /// Asks SQL Browser at `addresses` where `instance` listens.
    ///
    /// # Errors
    ///
    /// See [`browser::locate`].
    pub async fn locate(&self, addresses: &[IpAddr], instance: &str) -> Result<(IpAddr, u16), Failure> {
        browser::locate(addresses, browser::PORT, instance, &self.egress).await
    }

    /// The sockets that driver crates connect to.
    #[must_use]
    pub fn crate_sockets(&self) -> &CrateSockets {
        &self.crate_sockets
    }

    /// The trust store.
    #[must_use]
    pub fn trust(&self) -> &TrustStore {
        &self.trust
    }
}

impl Default for Network {
    fn default() -> Self {
        Self::new()
    }
}
