//! A check of a run that waits: logs in again and again, until the connection is ready or cannot become so.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::check::{Shared, log_in};
use super::group::Group;
use super::ledger::Clock;
use super::outcome::Outcome;
use super::progress::Progress;
use super::wait::{Attempted, Next, Pace, Waiting};
use crate::model::class::Status;
use crate::model::result::Ended;

/// Checks `group`, whose first member's result has the id `id`, until it is ready or cannot become so.
pub(super) async fn until_ready(
    waiting: &Waiting,
    group: &Arc<Group>,
    id: &str,
    shared: &Arc<Shared>,
    progress: &Progress,
) -> Box<Outcome> {
    let mut pace = Pace::of(waiting);
    progress.waits_until_ready();
    loop {
        let began = Instant::now();
        let failure = log_in(group, id, shared, progress).await.err();
        let now = Instant::now();
        let (interrupted, held) = progress.last();
        let attempted = Attempted {
            failure: failure.as_ref(),
            took: now.saturating_duration_since(began),
            interrupted,
            held: held.map(|held| (until(held.until, &shared.clock), held.refusals)),
            left: shared.deadline.map(|deadline| deadline.saturating_duration_since(now)),
        };
        match pace.after(attempted, now) {
            Next::Ready => return progress.outcome_of(failure, true),
            Next::Hopeless => {
                let is_skipped = failure.as_ref().is_some_and(|failure| failure.status == Status::Skipped);
                if !waiting.keep_going && !is_skipped {
                    shared.stop.stop(Ended::GivenUp);
                }
                return progress.outcome(failure);
            }
            Next::Again(pause) => {
                progress.tries_again(failure);
                tokio::time::sleep_until(aligned(shared.began, now + pause).into()).await;
            }
        }
    }
}

/// The moments at which attempts begin are this far apart, so that the attempts at several servers wake the machine
/// together: five that wait took 1.5 % of a processor, each at its own moments.
const GRID: Duration = Duration::from_millis(10);

/// `moment`, or up to [`GRID`] later, on the grid that begins at `began`.
fn aligned(began: Instant, moment: Instant) -> Instant {
    let nanoseconds = moment.saturating_duration_since(began).as_nanos();
    let cells = nanoseconds.div_ceil(GRID.as_nanos());
    u32::try_from(cells).map_or(moment, |cells| began + GRID * cells)
}

/// The time until `moment`.
fn until(moment: Timestamp, clock: &Clock) -> Duration {
    moment.duration_since(clock.timestamp()).try_into().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_begin_together() {
        let began = Instant::now();
        for (microseconds, expected) in [(0, 0), (1, 10), (10_000, 10), (50_900, 60), (59_999, 60), (60_001, 70)] {
            let moment = began + Duration::from_micros(microseconds);
            assert_eq!(aligned(began, moment), began + Duration::from_millis(expected), "{microseconds}");
        }
    }
}
