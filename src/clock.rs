//! The current time, whatever the machine's clock says: a time outside the years 0 to 9999, which cannot be displayed
//! as a timestamp, is replaced by the nearest that can. `Moment`: a time of the wall clock. `Clock`: the source of the
//! time, which tests can set.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// 0000-01-01T00:00:00Z.
const FIRST: i64 = -62_167_219_200;

/// 9999-12-30T00:00:00Z.
const LAST: i64 = 253_402_128_000;

/// The current time.
#[must_use]
pub fn now() -> Timestamp {
    shown(SystemTime::now())
}

fn shown(time: SystemTime) -> Timestamp {
    let [first, last] = [FIRST, LAST].map(|second| Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH));
    match Timestamp::try_from(time) {
        Ok(now) => now.clamp(first, last),
        Err(_) if time < SystemTime::UNIX_EPOCH => first,
        Err(_) => last,
    }
}

/// A time of the wall clock, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(i64);

impl Moment {
    /// The moment `duration` later, saturating.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(milliseconds(duration)))
    }

    /// The moment `duration` earlier, saturating.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(milliseconds(duration)))
    }

    /// The duration since `earlier`; zero if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Milliseconds since 1970.
    pub(crate) fn milliseconds(self) -> i64 {
        self.0
    }

    /// The moment as a timestamp.
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        let outermost = if self.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
        Timestamp::from_millisecond(self.0).unwrap_or(outermost)
    }
}

impl From<Timestamp> for Moment {
    fn from(timestamp: Timestamp) -> Self {
        Self(timestamp.as_millisecond())
    }
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// The wall clock, or a stopped clock that tests set.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<Standing>>);

/// A stopped clock.
#[derive(Debug)]
struct Standing {
    at: AtomicI64,
    /// The time it was first set to, and the monotonic time of that moment.
    first: (Moment, Instant),
}

impl Clock {
    /// A limit below which every timestamp can be displayed: the year 5138.
    const FAR: i64 = 100_000_000_000_000;

    /// A clock that shows `moment` until it is set.
    #[must_use]
    pub fn standing_at(moment: Moment) -> Self {
        Self(Some(Arc::new(Standing { at: AtomicI64::new(moment.0), first: (moment, Instant::now()) })))
    }

    /// Sets a stopped clock. Has no effect on the wall clock.
    pub fn set(&self, moment: Moment) {
        if let Some(standing) = &self.0 {
            standing.at.store(moment.0, Ordering::SeqCst);
        }
    }

    /// The same time as [`now`] returns, but faster.
    fn of_this_machine() -> Moment {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map(milliseconds);
        match since {
            Ok(since) if since < Self::FAR => Moment(since),
            _ => now().into(),
        }
    }

    /// The current time.
    #[must_use]
    pub fn now(&self) -> Moment {
        match &self.0 {
            Some(standing) => Moment(standing.at.load(Ordering::SeqCst)),
            None => Self::of_this_machine(),
        }
    }

    /// The current time, as precise as possible.
    #[must_use]
    pub fn timestamp(&self) -> Timestamp {
        if self.0.is_some() { self.now().timestamp() } else { now() }
    }

    /// An instant that moves with the clock, to measure ages. Deadlines do not use it.
    #[must_use]
    pub fn instant(&self) -> Instant {
        match &self.0 {
            Some(standing) => standing.first.1 + self.now().since(standing.first.0),
            None => Instant::now(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_far_off_still_tells_a_time() {
        let year = Duration::from_hours(365 * 24);
        for (time, shown_year) in [
            (SystemTime::UNIX_EPOCH, "1970-"),
            (SystemTime::UNIX_EPOCH + 20_000 * year, "9999-"),
            (SystemTime::UNIX_EPOCH + 8_020 * year, "9984-"),
            (SystemTime::UNIX_EPOCH - 3_000 * year, "0000-"),
        ] {
            assert!(shown(time).to_string().starts_with(shown_year), "{}", shown(time));
        }
    }

    #[test]
    fn a_clock_that_is_set_moves_its_instants_too() {
        let start: Moment = "2026-11-22T12:00:00Z".parse::<Timestamp>().unwrap().into();
        let clock = Clock::standing_at(start);
        let (instant, timestamp) = (clock.instant(), clock.timestamp());
        assert_eq!((clock.instant(), clock.timestamp()), (instant, timestamp));
        clock.set(start.after(Duration::from_hours(1)));
        assert_eq!(clock.instant() - instant, Duration::from_hours(1));
        assert_eq!(clock.timestamp(), timestamp + Duration::from_hours(1));
    }
}
