//! `Deadline`: the end of a run, of every step of it, since `--deadline` bounds the whole.

use std::time::{Duration, Instant};

/// When the run is over, if that is bounded.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Deadline(Option<Instant>);

impl Deadline {
    /// One so long `after` now: to be made before the first step.
    pub(super) fn after(after: Option<Duration>) -> Self {
        // One that is beyond the end of the clock is none.
        Self(after.and_then(|after| Instant::now().checked_add(after)))
    }

    /// When it is.
    pub(super) fn at(self) -> Option<Instant> {
        self.0
    }

    /// What is left of the run for a step that takes no longer than `limit`.
    pub(super) fn left(self, limit: Duration) -> Duration {
        self.0.map_or(limit, |until| limit.min(until.saturating_duration_since(Instant::now())))
    }
}
