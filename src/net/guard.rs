//! `Guarded`: a stream under a byte budget and an absolute deadline, whose first bytes are kept.

use std::sync::Arc;
use std::time::Instant;

/// How much a probe may read and write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Bytes from the peer.
    pub read: u64,
    /// Bytes to the peer.
    pub write: u64,
}

impl Default for Budget {
    /// 1 MiB in, 256 KiB out: a hundred times what any of the five logins needs.
    fn default() -> Self {
        Self { read: 1 << 20, write: 256 << 10 }
    }
}

/// A guarded stream.
pub struct Guarded<S> {
    #[expect(dead_code, reason = "skeleton")]
    inner: S,
    #[expect(dead_code, reason = "skeleton")]
    tap: Tap,
}

/// What was seen on a stream; outlives it, and may be shared.
#[derive(Clone, Debug)]
pub struct Tap(#[expect(dead_code, reason = "skeleton")] Arc<()>);

impl<S> Guarded<S> {
    /// Guards `inner`.
    #[must_use]
    pub fn new(_inner: S, _budget: Budget, _deadline: Instant) -> (Self, Tap) {
        todo!()
    }
}

impl Tap {
    /// The first 64 bytes that the peer sent.
    #[must_use]
    pub fn first_bytes(&self) -> Vec<u8> {
        todo!()
    }

    /// How many bytes the peer sent.
    #[must_use]
    pub fn received(&self) -> u64 {
        todo!()
    }

    /// Whether the budget stopped the stream.
    #[must_use]
    pub fn budget_exceeded(&self) -> bool {
        todo!()
    }
}
