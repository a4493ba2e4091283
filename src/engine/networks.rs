//! `Networks`: the networks of an engine. Jobs that use the same DNS server share its cached answers, whatever else
//! their policies demand.

use std::net::SocketAddr;
use std::sync::Mutex;

use tokio::runtime::Handle;

use super::accounts::locked;
use super::ledger::Clock;
use crate::driver::Policy;
use crate::net::Network;

/// The maximum number of DNS servers that are kept, besides the system's resolver.
const MOST: usize = 8;

/// One network for the system's resolver, and one for each DNS server that jobs name, the most recently named last.
pub(super) struct Networks {
    system: Network,
    named: Mutex<Vec<(SocketAddr, Network)>>,
}

impl Networks {
    /// Networks whose cached names expire by `clock`.
    pub(super) fn by_clock(clock: &Clock) -> Self {
        Self { system: Network::new().by_clock(clock), named: Mutex::default() }
    }

    /// The network that `policy` allows. A DNS server that it names is queried on `workers`.
    pub(super) fn of(&self, policy: &Policy, workers: &Handle) -> Network {
        let network = match policy.dns_server {
            None => self.system.clone(),
            Some(server) => self.asking(server, workers),
        };
        network.restricted_to(policy.egress.clone())
    }

    fn asking(&self, server: SocketAddr, workers: &Handle) -> Network {
        let mut named = locked(&self.named);
        let known = named.iter().position(|(known, _)| *known == server).map(|at| named.remove(at).1);
        let network = known.unwrap_or_else(|| self.system.clone().asking(server, Some(workers.clone())));
        if named.len() == MOST {
            named.remove(0);
        }
        named.push((server, network.clone()));
        network
    }
}
