//! `Tally`: many checks in a few numbers: how many, how many were ok, and how long these took, by buckets. Pure.

use std::time::Duration;

/// The upper bounds of the buckets; one more has what took longer.
pub const BOUNDS: [Duration; 12] = [
    Duration::from_millis(1),
    Duration::from_micros(2_500),
    Duration::from_millis(5),
    Duration::from_millis(10),
    Duration::from_millis(25),
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_millis(2_500),
    Duration::from_secs(10),
];

/// The number of numbers in a stored tally.
const NUMBERS: usize = BOUNDS.len() + 3;

/// Many checks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many there were.
    pub checks: u32,
    /// How many were ok.
    pub ok: u32,
    /// How many of these took as long as each bucket says.
    pub buckets: [u32; BOUNDS.len() + 1],
}

impl Tally {
    /// Counts a check that took `took` if it was ok, and `None` if it was not.
    pub fn count(&mut self, took: Option<Duration>) {
        self.checks = self.checks.saturating_add(1);
        if let Some(took) = took {
            self.ok = self.ok.saturating_add(1);
            let bucket = &mut self.buckets[BOUNDS.partition_point(|bound| *bound < took)];
            *bucket = bucket.saturating_add(1);
        }
    }

    /// Adds `other`.
    pub fn add(&mut self, other: &Self) {
        self.checks = self.checks.saturating_add(other.checks);
        self.ok = self.ok.saturating_add(other.ok);
        for (own, other) in self.buckets.iter_mut().zip(other.buckets) {
            *own = own.saturating_add(other);
        }
    }

    /// The duration that `share` of the checks that were ok did not exceed, estimated within its bucket; `None` if there
    /// were none.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<Duration> {
        if self.ok == 0 {
            return None;
        }
        let wanted = f64::from(self.ok) * share.clamp(0.0, 1.0);
        let mut before = 0.0;
        for (place, count) in self.buckets.iter().enumerate().filter(|(_, count)| **count > 0) {
            let count = f64::from(*count);
            if before + count >= wanted {
                let lower = place.checked_sub(1).map_or(Duration::ZERO, |place| BOUNDS[place]);
                let Some(upper) = BOUNDS.get(place) else { return Some(lower) };
                return Some(lower + upper.saturating_sub(lower).mul_f64((wanted - before) / count));
            }
            before += count;
        }
        BOUNDS.last().copied()
    }

    /// The bytes to store.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        [self.checks, self.ok].iter().chain(&self.buckets).flat_map(|number| number.to_le_bytes()).collect()
    }

    /// The tally in `bytes`; `None` for anything else.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (numbers, []) = bytes.as_chunks::<4>() else { return None };
        let numbers: [u32; NUMBERS] =
            numbers.iter().map(|number| u32::from_le_bytes(*number)).collect::<Vec<_>>().try_into().ok()?;
        let [checks, ok, buckets @ ..] = numbers;
        Some(Self { checks, ok, buckets })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(milliseconds: &[u64]) -> Tally {
        let mut tally = Tally::default();
        for took in milliseconds {
            tally.count(Some(Duration::from_millis(*took)));
        }
        tally
    }

    #[test]
    fn checks_are_counted_in_the_bucket_of_their_time() {
        let mut tally = of(&[0, 1, 2, 10, 11, 10_000, 10_001]);
        tally.count(None);
        assert_eq!((tally.checks, tally.ok), (8, 7));
        assert_eq!(tally.buckets, [2, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1]);
        let mut twice = tally;
        twice.add(&tally);
        assert_eq!((twice.checks, twice.ok, twice.buckets[0]), (16, 14, 4));
    }

    #[test]
    fn a_quantile_is_estimated_within_its_bucket() {
        for (checks, share, expected) in [
            (&[][..], 0.5, None),
            (&[7, 7, 7, 7], 0.5, Some(7_500)),
            (&[7, 7, 7, 70], 0.5, Some(8_333)),
            (&[7, 7, 7, 70], 1.0, Some(100_000)),
            (&[60_000], 0.95, Some(10_000_000)),
        ] {
            let found = of(checks).quantile(share).map(|took| took.as_micros());
            assert_eq!(found, expected, "{checks:?} {share}");
        }
    }

    #[test]
    fn a_stored_tally_comes_back() {
        let tally = of(&[1, 20, 300]);
        assert_eq!(Tally::read(&tally.bytes()), Some(tally));
        for bytes in [&[][..], &[0; 59], &[0; 61], &[0; 64]] {
            assert_eq!(Tally::read(bytes), None, "{}", bytes.len());
        }
    }
}
