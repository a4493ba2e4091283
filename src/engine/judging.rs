//! `Judging`: the time limit for searching texts of servers for secrets. Text that is not searched in time is not
//! shown.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::stop::StopHandle;

/// How long after the run texts are still searched: its last results have just arrived.
const LONGER: Duration = Duration::from_millis(50);

/// The time limit for searching texts.
pub(super) struct Judging {
    stop: StopHandle,
    deadline: Option<Instant>,
    /// When the end of the run was first noticed.
    ended: Cell<Option<Instant>>,
}

impl Judging {
    /// The time limit of a run that `stop` or its `deadline` ends.
    pub(super) fn until(stop: StopHandle, deadline: Option<Instant>) -> Self {
        Self { stop, deadline, ended: Cell::new(None) }
    }

    /// Whether there is time left.
    pub(super) fn goes_on(&self) -> bool {
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
    fn texts_are_judged_until_the_run_ends() {
        let ago = |age: Duration| Instant::now().checked_sub(age).unwrap();
        assert!(Judging::until(StopHandle::default(), None).goes_on());
        assert!(Judging::until(StopHandle::default(), Some(Instant::now() + LONGER)).goes_on());
        assert!(!Judging::until(StopHandle::default(), Some(ago(2 * LONGER))).goes_on());
        let stop = StopHandle::default();
        let judging = Judging::until(stop.clone(), None);
        assert!(judging.goes_on());
        stop.stop(Ended::Interrupted);
        assert!(judging.goes_on());
        std::thread::sleep(2 * LONGER);
        assert!(!judging.goes_on());
    }
}
