//! What a peer saw.

use std::sync::{Arc, Mutex};
use std::time::Instant;

/// What a peer saw.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// How many connections there were.
    pub connections: usize,
    /// When the first came.
    pub accepted: Option<Instant>,
    /// When the peer last began to do something: the instant of the fault.
    pub acted: Option<Instant>,
    /// What it heard, up to a bound.
    pub heard: Vec<u8>,
}

/// Where it is noted what is seen.
#[derive(Clone, Default)]
pub struct Watched(Arc<Mutex<Seen>>);

impl Watched {
    /// A connection came.
    pub fn accepts(&self) {
        let mut seen = self.0.lock().unwrap();
        seen.connections += 1;
        let now = Instant::now();
        seen.accepted.get_or_insert(now);
        seen.acted = Some(now);
    }

    /// What may be the fault happens now.
    pub fn acts(&self) {
        self.0.lock().unwrap().acted = Some(Instant::now());
    }

    /// The client said something.
    pub(super) fn hears(&self, bytes: &[u8]) {
        let mut seen = self.0.lock().unwrap();
        if seen.heard.len() < KEPT {
            seen.heard.extend_from_slice(bytes);
        }
    }

    /// What was seen so far.
    pub fn seen(&self) -> Seen {
        self.0.lock().unwrap().clone()
    }
}

/// As much of what a client says is kept.
const KEPT: usize = 64 << 10;
