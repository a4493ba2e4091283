//! What a peer recorded.

use std::sync::{Arc, Mutex};
use std::time::Instant;

/// What a peer recorded.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The number of connections.
    pub connections: usize,
    /// When the first connection arrived.
    pub accepted: Option<Instant>,
    /// When the peer last began to act: the time of the fault.
    pub acted: Option<Instant>,
    /// The bytes that it received, up to [`KEPT`].
    pub heard: Vec<u8>,
}

/// The shared record of a peer.
#[derive(Clone, Default)]
pub struct Watched(Arc<Mutex<Seen>>);

impl Watched {
    /// Records a new connection.
    pub fn accepts(&self) {
        let mut seen = self.0.lock().unwrap();
        seen.connections += 1;
        let now = Instant::now();
        seen.accepted.get_or_insert(now);
        seen.acted = Some(now);
    }

    /// Records the current time as the time of the fault.
    pub fn acts(&self) {
        self.0.lock().unwrap().acted = Some(Instant::now());
    }

    /// Records bytes of the client.
    pub(super) fn hears(&self, bytes: &[u8]) {
        let mut seen = self.0.lock().unwrap();
        if seen.heard.len() < KEPT {
            seen.heard.extend_from_slice(bytes);
        }
    }

    /// A copy of the record so far.
    pub fn seen(&self) -> Seen {
        self.0.lock().unwrap().clone()
    }
}

/// The number of bytes of a client after which no more are kept.
const KEPT: usize = 64 << 10;
