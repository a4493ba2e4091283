//! `Networks`: the ways out of an engine. Jobs that ask the same servers for names share what is known of these, whatever
//! else each of them demands.

use std::net::SocketAddr;
use std::sync::Mutex;

use tokio::runtime::Handle;

use super::accounts::locked;
use super::ledger::Clock;
use crate::driver::Policy;
use crate::net::Network;

/// So many DNS servers are known at the most, besides the system's resolver.
const MOST: usize = 8;

/// One for the system's resolver, and one for each DNS server that jobs name, the last named last.
pub(super) struct Networks {
    system: Network,
    named: Mutex<Vec<(SocketAddr, Network)>>,
}

impl Networks {
    /// Those by whose `clock` names grow old.
    pub(super) fn by_clock(clock: &Clock) -> Self {
        Self { system: Network::new().by_clock(clock), named: Mutex::default() }
    }

    /// The way out that `policy` allows; a DNS server is asked on `workers`.
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
