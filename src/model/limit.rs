//! `Limit`: a time limit that can be added to any instant.

use std::time::Duration;

/// A time limit of at most a year: longer ones are pointless, and would overflow clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Limit(Duration);

impl Limit {
    /// A year.
    pub const LONGEST: Duration = Duration::from_hours(365 * 24);

    /// `duration`, limited to a year.
    #[must_use]
    pub fn new(duration: Duration) -> Self {
        Self(duration.min(Self::LONGEST))
    }

    /// `seconds`, limited to a year; `None` if negative or not a number.
    #[must_use]
    pub fn from_seconds(seconds: f64) -> Option<Self> {
        let bounded = seconds.min(Self::LONGEST.as_secs_f64());
        Duration::try_from_secs_f64(bounded).ok().filter(|_| !seconds.is_nan()).map(Self)
    }

    /// The duration of the limit.
    #[must_use]
    pub fn get(self) -> Duration {
        self.0
    }
}

impl From<Duration> for Limit {
    fn from(duration: Duration) -> Self {
        Self::new(duration)
    }
}

/// `limit` as shown in messages, rounded to milliseconds.
#[must_use]
pub fn shown(limit: Duration) -> String {
    let millis = limit.saturating_add(Duration::from_micros(500)).as_millis();
    humantime::format_duration(Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))).to_string()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_limit_is_shown_to_the_millisecond() {
        for (limit, text) in [
            (Duration::from_nanos(499_920_944), "500ms"),
            (Duration::from_millis(1_500), "1s 500ms"),
            (Duration::from_nanos(400), "0s"),
        ] {
            assert_eq!(shown(limit), text);
        }
    }

    #[test]
    fn any_limit_can_be_added_to_now() {
        for (seconds, limit) in [
            (2.5, Some(Duration::from_millis(2500))),
            (0.0, Some(Duration::ZERO)),
            (9.3e18, Some(Limit::LONGEST)),
            (1e300, Some(Limit::LONGEST)),
            (f64::INFINITY, Some(Limit::LONGEST)),
            (-1.0, None),
            (f64::NAN, None),
        ] {
            assert_eq!(Limit::from_seconds(seconds).map(Limit::get), limit, "{seconds}");
        }
        let now = Instant::now();
        assert!(now + Limit::new(Duration::MAX).get() > now);
    }
}
