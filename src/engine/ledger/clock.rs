//! `Moment`: a time of the wall clock. `Clock`: where it is read, which tests can move.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Milliseconds since 1970, as the wall clock has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(i64);

impl Moment {
    /// `duration` later; the end of time at the latest.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(milliseconds(duration)))
    }

    /// `duration` earlier.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(milliseconds(duration)))
    }

    /// How long after `earlier` this is; nothing if it is not.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Milliseconds since 1970.
    pub(super) fn milliseconds(self) -> i64 {
        self.0
    }

    /// As other parts of the program have it.
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

/// The wall clock, or one that stands where it was set.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// A time that any timestamp can show: the year 5138.
    const FAR: i64 = 100_000_000_000_000;

    /// A clock that stands at `moment` until it is moved.
    #[must_use]
    pub fn standing_at(moment: Moment) -> Self {
        Self(Some(Arc::new(AtomicI64::new(moment.0))))
    }

    /// Sets a standing clock; this machine's own is not touched.
    pub fn set(&self, moment: Moment) {
        if let Some(standing) = &self.0 {
            standing.store(moment.0, Ordering::SeqCst);
        }
    }

    /// The same as [`crate::clock::now`], which takes longer.
    fn of_this_machine() -> Moment {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map(milliseconds);
        match since {
            Ok(since) if since < Self::FAR => Moment(since),
            _ => crate::clock::now().into(),
        }
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Moment {
        match &self.0 {
            Some(standing) => Moment(standing.load(Ordering::SeqCst)),
            None => Self::of_this_machine(),
        }
    }
}
