//! Instants for the times that a process reports.

use std::time::Instant;

/// The instant that lies `ago` before now, for times that a process reports.
pub(super) fn instant_of(time: std::time::SystemTime) -> Instant {
    let now = Instant::now();
    now.checked_sub(time.elapsed().unwrap_or_default()).unwrap_or(now)
}
