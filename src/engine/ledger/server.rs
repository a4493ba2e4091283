//! Servers that count interrupted handshakes and block a whole host after too many (the MySQL family).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::clock::Moment;

/// So many in a row, and the server is left alone for a while.
pub(in crate::engine) const INTERRUPTIONS: u32 = 5;
const FIRST: Duration = Duration::from_mins(10);
const LONGEST: Duration = Duration::from_hours(24);
const KEPT: Duration = Duration::from_hours(30 * 24);

/// What is kept of one server; nothing while its handshakes are finished.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Server {
    /// Interrupted handshakes in a row.
    pub(super) interrupted: u32,
    pub(super) last: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<Moment>,
}

impl Server {
    pub(super) fn interrupted_at(&mut self, now: Moment) {
        self.interrupted = self.interrupted.saturating_add(1);
        self.last = now;
        self.until = self.interrupted.checked_sub(INTERRUPTIONS).map(|beyond| {
            let times = 1_u32.checked_shl(beyond.min(16)).unwrap_or(u32::MAX);
            now.after(FIRST.saturating_mul(times).min(LONGEST))
        });
    }

    /// Until when it is left alone, if it is at `now`. A clock that was ahead counts for a day.
    pub(super) fn left_alone(&self, now: Moment) -> Option<Moment> {
        self.until.map(|until| until.min(now.after(LONGEST))).filter(|until| now < *until)
    }

    pub(super) fn is_over(&self, now: Moment) -> bool {
        now.since(self.last) > KEPT
    }
}
