//! Times that a process reports, as instants.

use std::time::Instant;

/// Converts a time that a process reports to an instant.
pub(super) fn instant_of(time: std::time::SystemTime) -> Instant {
    let now = Instant::now();
    now.checked_sub(time.elapsed().unwrap_or_default()).unwrap_or(now)
}
