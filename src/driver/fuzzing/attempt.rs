//! The attempt for a fuzzed login.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::driver::{Attempt, Policy};
use crate::net::Network;

/// The password of every definition; the test servers' own, so that their transcripts fit.
pub const PASSWORD: &str = "right";

/// How long a login may take; none takes that long, since its peer never delays an answer.
pub const LIMIT: Duration = Duration::from_secs(20);

/// A new attempt.
#[must_use]
pub fn attempt() -> Attempt {
    Attempt {
        network: Arc::new(Network::new()),
        policy: Policy::default(),
        deadline: Instant::now() + LIMIT,
        recorder: Arc::default(),
        controls: Arc::default(),
        expected: Arc::default(),
    }
}
