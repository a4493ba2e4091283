//! How late connprobe's own threads are. A time limit blames the target only if connprobe had the processor meanwhile:
//! a machine that is overloaded, suspended or throttled is not the target's fault.
//!
//! A periodic task runs on the same threads as the probes, and is as late as they are.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio_util::task::AbortOnDropHandle;

use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::model::reason::Machine;

/// The interval between two runs of the periodic task.
const TICK: Duration = Duration::from_millis(50);

/// How late after its deadline an expired limit may be noticed.
const NOTICED: Duration = Duration::from_millis(100);

/// The periodic task. It runs until this is dropped.
pub(super) struct Lag {
    ticker: Arc<Ticker>,
    _ticking: AbortOnDropHandle<()>,
}

struct Ticker(Mutex<Ticks>);

/// How late the task has run so far.
struct Ticks {
    last: Instant,
    late: Duration,
}

/// A running time limit.
pub(super) struct Limit<'a> {
    ticker: &'a Ticker,
    since: Instant,
    late: Duration,
    deadline: Instant,
}

impl Lag {
    /// Starts the periodic task on `workers`.
    pub(super) fn among(workers: &Handle) -> Self {
        let ticker = Arc::new(Ticker(Mutex::new(Ticks { last: Instant::now(), late: Duration::ZERO })));
        let ticking = Arc::clone(&ticker);
        let task = workers.spawn(async move {
            loop {
                tokio::time::sleep(TICK).await;
                ticking.tick();
            }
        });
        Self { ticker, _ticking: AbortOnDropHandle::new(task) }
    }

    /// A limit that runs from now to `deadline`.
    pub(super) fn limit(&self, deadline: Instant) -> Limit<'_> {
        let now = Instant::now();
        Limit { ticker: &self.ticker, since: now, late: self.ticker.late(now), deadline }
    }
}

impl Ticker {
    fn ticks(&self) -> MutexGuard<'_, Ticks> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tick(&self) {
        let now = Instant::now();
        let mut ticks = self.ticks();
        *ticks = Ticks { last: now, late: ticks.late + ticks.overdue(now) };
    }

    /// The total time that the task was late, including the run that is due.
    fn late(&self, now: Instant) -> Duration {
        let ticks = self.ticks();
        ticks.late + ticks.overdue(now)
    }
}

impl Ticks {
    fn overdue(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.last).saturating_sub(TICK)
    }
}

impl Limit<'_> {
    /// What `failure`, which has just occurred, proves about the target. A timeout counts only if connprobe was
    /// scheduled at the deadline and for half of the time before; otherwise the result is `Machine::Busy`.
    pub(super) fn judge(&self, failure: Failure) -> Failure {
        if failure.class != Class::Timeout {
            return failure;
        }
        let now = Instant::now();
        let took = now.saturating_duration_since(self.since);
        let late = self.ticker.late(now).saturating_sub(self.late).min(took);
        let asleep = now.saturating_duration_since(self.deadline).max(self.ticker.ticks().overdue(now));
        if asleep <= NOTICED && late <= took / 2 {
            return failure;
        }
        let short = Failure::of(Machine::Busy { late: late.max(asleep.min(took)), took });
        Failure { phase: failure.phase, ..short }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::reason::ReasonCode;

    fn ago(milliseconds: u64) -> Instant {
        Instant::now().checked_sub(Duration::from_millis(milliseconds)).unwrap()
    }

    #[test]
    fn a_target_is_blamed_only_for_time_that_we_were_awake() {
        for (case, last, late, deadline, expected) in [
            ("awake all the time", 10, 0, 30, Class::Timeout),
            ("a little late", 10, 400, 30, Class::Timeout),
            ("late most of the time", 10, 600, 30, Class::Local),
            ("asleep at the deadline", 400, 0, 30, Class::Local),
            ("woken after the deadline", 10, 200, 200, Class::Local),
        ] {
            let ticks = Ticks { last: ago(last), late: Duration::from_millis(late) };
            let ticker = Ticker(Mutex::new(ticks));
            let limit = Limit { ticker: &ticker, since: ago(1000), late: Duration::ZERO, deadline: ago(deadline) };
            assert_eq!(
                limit.judge(Failure::made_up(ReasonCode::ConnectTimeout, Class::Timeout, "no answer")).class,
                expected,
                "{case}"
            );
            assert_eq!(
                limit.judge(Failure::made_up(ReasonCode::LoginRefused, Class::Auth, "no")).class,
                Class::Auth,
                "{case}"
            );
        }
    }
}
