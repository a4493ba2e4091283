//! A peer that is up: it treats every connection by its script.

use std::net::Ipv4Addr;
use std::thread;

use super::framing::Framing;
use super::listening::Listening;
use super::play;
use super::script::Script;
use super::watched::Watched;

/// A peer that is up.
pub struct Peer {
    /// Where.
    pub listening: Listening,
    /// What it saw.
    pub watch: Watched,
}

impl Peer {
    /// Treats every connection to it by `script`, in a protocol of this `framing`.
    pub fn start(script: Script, framing: Framing) -> Self {
        Self::at(Ipv4Addr::LOCALHOST, script, framing)
    }

    /// The same at `address`, by which it may be many hosts.
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
