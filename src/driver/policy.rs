//! `Policy`: a run's requirements for every login, and the network access that it allows.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::net::Network;
use crate::net::egress::Egress;
use crate::net::guard::Budget;

/// A run's requirements for every login.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// No credential may be sent to another machine over an unencrypted channel.
    pub require_tls: bool,
    /// Nor over a channel whose server is not verified; implies `require_tls`.
    pub verify_tls: bool,
    /// The addresses that may be connected to.
    pub egress: Egress,
    /// The DNS server to ask for names, instead of the system's resolver.
    pub dns_server: Option<SocketAddr>,
    /// PEM certificates to trust where a definition names none of its own.
    pub tls_ca: Option<Arc<Vec<u8>>>,
}

impl Policy {
    /// The network access that the run allows, for connections with this byte `budget`.
    #[must_use]
    pub fn network(&self, budget: Budget) -> Network {
        let network = Network::with_budget(budget).restricted_to(self.egress.clone());
        match self.dns_server {
            Some(server) => network.asking(server, None),
            None => network,
        }
    }
}
