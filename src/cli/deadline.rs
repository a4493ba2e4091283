//! `Deadline`: the end of a run. `--deadline` bounds the whole run, so every step uses it.

use std::time::{Duration, Instant};

/// The moment at which the run ends, if it is bounded.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Deadline(Option<Instant>);

impl Deadline {
    /// A deadline `after` from now; to be created before the first step.
    pub(super) fn after(after: Option<Duration>) -> Self {
        // A deadline beyond the range of the clock is none.
        Self(after.and_then(|after| Instant::now().checked_add(after)))
    }

    /// The moment of the deadline, if there is one.
    pub(super) fn at(self) -> Option<Instant> {
        self.0
    }

    /// The time left for a step that takes no longer than `limit`.
    pub(super) fn left(self, limit: Duration) -> Duration {
        self.0.map_or(limit, |until| limit.min(until.saturating_duration_since(Instant::now())))
    }
}
