//! `Cell`: one fault as one driver meets it, and what its definition leads to.

use std::net::Ipv4Addr;

use serde_json::Value;

use super::expected::Expected;
use crate::dns::Naming;
use crate::peer::Script;
use crate::speech::Driver;

/// An address of loopback where no peer is.
pub const SILENT: Ipv4Addr = Ipv4Addr::new(127, 0, 9, 9);

/// What a definition leads to.
#[derive(Clone)]
pub enum Target {
    /// A peer that follows a script.
    Peer(Script),
    /// A port that refuses connections.
    Refused,
    /// A port that answers no connection request.
    BlackHole,
    /// A name that DNS knows, or does not, and the peer that it may lead to.
    Named(Naming, Script),
    /// The same, where the records of the name tell the port too.
    Service(Naming, Script),
    /// A name with two addresses: the first, [`SILENT`], answers no connection request, at the other is a peer.
    BehindSilence(Script),
    /// A host that is not to be reached: nobody is started.
    Host(&'static str),
}

/// One fault as one driver meets it.
#[derive(Clone)]
pub struct Cell {
    pub driver: Driver,
    pub target: Target,
    /// How the definition spells the host.
    pub spelled: fn(&str) -> String,
    /// The definition demands verified TLS.
    pub secure: bool,
    /// What the definition has in `extra` besides.
    pub extra: Value,
    /// Where in the result there must be a text.
    pub shows: &'static [&'static str],
    /// What its message names.
    pub names: Option<&'static str>,
    pub expected: Expected,
}

impl Cell {
    /// Its host is a name, to be asked of the test's own DNS server.
    pub fn is_named(&self) -> bool {
        matches!(self.target, Target::Named(..) | Target::Service(..) | Target::BehindSilence(_))
    }
}
