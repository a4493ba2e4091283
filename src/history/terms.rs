//! The terms of a history: a change, the spans of its tallies, and how much is kept.

use std::time::Duration;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// How much is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The age of changes.
    pub changes: Duration,
    /// The age of tallies by hour.
    pub hours: Duration,
    /// The age of tallies by day.
    pub days: Duration,
    /// The size of the file in bytes; beyond it the oldest tallies by hour go.
    pub size: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        let days = |number: u64| Duration::from_hours(24 * number);
        Self { changes: days(400), hours: days(90), days: days(3 * 365), size: 1 << 30 }
    }
}

/// A change of what is said of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The status and class before; `None` for the first check.
    pub from: Option<(String, Option<String>)>,
    /// The status.
    pub status: String,
    /// The class, unless it is ok.
    pub class: Option<String>,
    /// The failure as it is in a result, as JSON: its message, hint and code, without a secret.
    pub failure: Option<String>,
}

/// The span of a tally.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// An hour.
    Hour,
    /// A day, in UTC.
    Day,
}

impl Span {
    fn milliseconds(self) -> i64 {
        match self {
            Self::Hour => HOUR,
            Self::Day => DAY,
        }
    }

    pub(super) fn table(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// The number of the span that `moment` (milliseconds since 1970) is in.
    pub(super) fn of(self, moment: i64) -> i64 {
        moment.div_euclid(self.milliseconds())
    }

    /// When span `number` begins.
    pub(super) fn begin(self, number: i64) -> i64 {
        number.saturating_mul(self.milliseconds())
    }
}
