//! A running peer: it follows its script on every connection.

use std::net::Ipv4Addr;
use std::thread;

use super::framing::Framing;
use super::listening::Listening;
use super::play;
use super::script::Script;
use super::watched::Watched;

/// A running peer.
pub struct Peer {
    /// Where it listens.
    pub listening: Listening,
    /// What it recorded.
    pub watch: Watched,
}

impl Peer {
    /// Starts a peer that follows `script` on every connection, in a protocol with this `framing`.
    pub fn start(script: Script, framing: Framing) -> Self {
        Self::at(Ipv4Addr::LOCALHOST, script, framing)
    }

    /// The same at `address`. At the unspecified address it plays several hosts.
    pub fn at(address: Ipv4Addr, script: Script, framing: Framing) -> Self {
        let watch = Watched::default();
        let notes = watch.clone();
        let listening = Listening::start(address, move |stream| {
            notes.accepts();
            let (script, notes) = (script.clone(), notes.clone());
            thread::spawn(move || play::play(stream, &script, framing, &notes));
        });
        Self { listening, watch }
    }
}
