//! `Cell`: one fault for one driver, and the target of its definition.

use std::net::Ipv4Addr;

use serde_json::Value;

use super::expected::Expected;
use crate::dns::Naming;
use crate::peer::Script;
use crate::speech::Driver;

/// An address of loopback without a peer.
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
    /// A name with its answers in DNS, and the peer that it may lead to.
    Named(Naming, Script),
    /// The same, but the records of the name give the port too.
    Service(Naming, Script),
    /// A name with two addresses: [`SILENT`], which does not answer connection requests, and the address of a peer.
    BehindSilence(Script),
    /// A host that is not reachable; no peer is started.
    Host(&'static str),
}

/// One fault for one driver.
#[derive(Clone)]
pub struct Cell {
    pub driver: Driver,
    pub target: Target,
    /// How the definition spells the host.
    pub spelled: fn(&str) -> String,
    /// Whether the definition demands verified TLS.
    pub secure: bool,
    /// Additional keys in the definition's `extra`.
    pub extra: Value,
    /// JSON pointers to the fields of the result that must have a text.
    pub shows: &'static [&'static str],
    /// What the result's message must name.
    pub names: Option<&'static str>,
    pub expected: Expected,
}

impl Cell {
    /// Whether the host is a name that is looked up at the test's own DNS server.
    pub fn is_named(&self) -> bool {
        matches!(self.target, Target::Named(..) | Target::Service(..) | Target::BehindSilence(_))
    }
}
