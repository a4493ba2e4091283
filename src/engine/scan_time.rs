//! `ScanTime`: the time limit for searching texts of servers for secrets. Text that is not searched in time is not
//! shown.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::stop::StopHandle;

/// How long after the run texts are still searched: its last results have just arrived.
const LONGER: Duration = Duration::from_millis(50);

/// The time limit for searching texts.
pub(super) struct ScanTime {
    stop: StopHandle,
    deadline: Option<Instant>,
    /// When the end of the run was first noticed.
    ended: Cell<Option<Instant>>,
}

impl ScanTime {
    /// The time limit of a run that `stop` or its `deadline` ends.
    pub(super) fn until(stop: StopHandle, deadline: Option<Instant>) -> Self {
        Self { stop, deadline, ended: Cell::new(None) }
    }

    /// Whether there is time left.
    pub(super) fn is_left(&self) -> bool {
        let now = Instant::now();
        if self.ended.get().is_none() && self.stop.ended().is_some() {
            self.ended.set(Some(now));
        }
        let end = [self.ended.get(), self.deadline].into_iter().flatten().min();
        end.is_none_or(|end| now < end + LONGER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::result::Ended;

    #[test]
    fn texts_are_searched_until_the_run_ends() {
        let ago = |age: Duration| Instant::now().checked_sub(age).unwrap();
        assert!(ScanTime::until(StopHandle::default(), None).is_left());
        assert!(ScanTime::until(StopHandle::default(), Some(Instant::now() + LONGER)).is_left());
        assert!(!ScanTime::until(StopHandle::default(), Some(ago(2 * LONGER))).is_left());
        let stop = StopHandle::default();
        let scan_time = ScanTime::until(stop.clone(), None);
        assert!(scan_time.is_left());
        stop.stop(Ended::Interrupted);
        assert!(scan_time.is_left());
        std::thread::sleep(2 * LONGER);
        assert!(!scan_time.is_left());
    }
}
