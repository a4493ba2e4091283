//! `Beat`: when a connection is due. Pure: time is the time since the schedule began.

use std::time::Duration;

use crate::model::fingerprint::Fingerprint;

/// The first checks of a schedule are spread over one interval, and over no more than this.
const LONGEST_SPREAD: Duration = Duration::from_mins(1);
/// How far a check may be from its regular moment, as a part of the interval: a twentieth.
const JITTER: u32 = 20;

/// The moments at which one connection is due.
///
/// The regular moments are one interval apart, beginning at a moment that follows from the connection's id, so that the
/// checks of many connections are spread evenly and stay so. Each moment differs from the regular one by up to 5 % of the
/// interval, so that connections with the same interval do not meet again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beat {
    interval: Duration,
    /// The first regular moment.
    first: Duration,
    /// The number of the moment that is due next.
    number: u64,
    seed: u64,
}

impl Beat {
    /// The due times of the connection `id`, whose schedule begins at `now`.
    #[must_use]
    pub fn new(id: &str, interval: Duration, now: Duration) -> Self {
        let seed = number_of(id);
        let spread = interval.min(LONGEST_SPREAD);
        Self { interval, first: now + part(spread, seed), number: 0, seed }
    }

    /// The same connection at another `interval`: its moments begin anew at `now`.
    #[must_use]
    pub fn at_interval(&self, interval: Duration, now: Duration) -> Self {
        let spread = interval.min(LONGEST_SPREAD);
        Self { interval, first: now + part(spread, self.seed), number: 0, seed: self.seed }
    }

    /// The interval.
    #[must_use]
    pub fn interval(&self) -> Duration {
        self.interval
    }

    /// When the connection is due next.
    #[must_use]
    pub fn due(&self) -> Duration {
        let regular = self.first + multiplied(self.interval, self.number);
        if self.number == 0 {
            return regular;
        }
        let most = self.interval / JITTER;
        // Each moment has its own difference, which is the same whenever it is asked for.
        let difference = part(most * 2, mixed(self.seed.wrapping_add(self.number)));
        (regular + difference).saturating_sub(most)
    }

    /// Goes on to the next moment after `now`. Moments that have passed are left out: a check that is late is not made up
    /// for.
    pub fn advance(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.first).as_nanos() / self.interval.as_nanos().max(1);
        let passed = u64::try_from(passed).unwrap_or(u64::MAX);
        self.number = passed.max(self.number).saturating_add(1);
        if self.due() <= now {
            self.number = self.number.saturating_add(1);
        }
    }
}

/// A number that follows from `id`.
fn number_of(id: &str) -> u64 {
    let digest = Fingerprint::of(&["beat", id]);
    digest.bytes().first_chunk().copied().map_or(0, u64::from_be_bytes)
}

/// The part of `whole` that `number` chooses, evenly.
fn part(whole: Duration, number: u64) -> Duration {
    let nanoseconds = whole.as_nanos().saturating_mul(u128::from(number)) >> 64;
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
}

fn multiplied(interval: Duration, times: u64) -> Duration {
    let nanoseconds = interval.as_nanos().saturating_mul(u128::from(times));
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
}

/// `number` with its bits mixed (`SplitMix64`, <https://prng.di.unimi.it/splitmix64.c>).
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    #[test]
    fn first_checks_are_spread_over_one_interval() {
        for (interval, spread) in [(10, 10), (60, 60), (3600, 60)] {
            let firsts: Vec<Duration> = (0..10_000)
                .map(|number| Beat::new(&format!("{number:016x}"), Duration::from_secs(interval), Duration::ZERO).due())
                .collect();
            let spread = Duration::from_secs(spread);
            assert!(firsts.iter().all(|first| *first < spread), "{interval}");
            for tenth in 0..10 {
                let within = spread * tenth / 10..spread * (tenth + 1) / 10;
                let count = firsts.iter().filter(|first| within.contains(*first)).count();
                assert!((850..1150).contains(&count), "{interval}: {count} in tenth {tenth}");
            }
        }
    }

    #[test]
    fn a_connection_keeps_its_phase() {
        let mut beat = Beat::new("0123456789abcdef", MINUTE, Duration::ZERO);
        let first = beat.due();
        for number in 1..1000 {
            beat.advance(beat.due());
            let regular = first + MINUTE * number;
            assert!(beat.due().abs_diff(regular) <= MINUTE / JITTER, "{number}: {:?}", beat.due());
        }
    }

    #[test]
    fn a_late_check_is_not_made_up_for() {
        for late in [0, 1, 59, 60, 61, 90, 600, 601] {
            let mut beat = Beat::new("0123456789abcdef", MINUTE, Duration::ZERO);
            let now = beat.due() + Duration::from_secs(late);
            beat.advance(now);
            assert!(beat.due() > now, "{late}");
            assert!(beat.due() < now + MINUTE * 21 / 10, "{late}");
        }
    }
}
