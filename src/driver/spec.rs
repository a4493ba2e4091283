//! `Spec`: what a driver is called, which types it takes and what it reads, as data.

use super::extras::{ExtraSpec, StandIn};
use super::proof::Proof;

/// What a driver is called, which stored types it takes, and what it reads.
#[derive(Debug)]
pub struct Spec {
    /// The driver's own name, as in results.
    pub name: &'static str,
    /// The server's product name, for messages.
    pub product: &'static str,
    /// Every conn type it takes with the port used when none is stored, the usual one first.
    pub types: &'static [(&'static str, u16)],
    /// What `schema` means to it.
    pub schema: &'static str,
    /// The extras it knows; see [`super::ExtraKind`] for what happens with each.
    pub extras: &'static [ExtraSpec],
    /// The extras that stand for another field, those first that win over others.
    pub stand_ins: &'static [StandIn],
    /// Extras are compared without case (MongoDB's connection-string options).
    pub extras_ignore_case: bool,
    /// After so many interrupted handshakes in a row a server of this kind blocks our host
    /// (MySQL's `max_connect_errors`); the engine stops well before.
    pub blocks_after_interruptions: bool,
    /// What makes `ok` of a login.
    pub proof: Proof,
}
