//! `Ring`: the last checks of one connection, four bytes each. Pure.

use std::time::Duration;

use crate::model::class::{Class, Status};

/// How many checks are kept.
pub const LENGTH: usize = 60;
/// The bytes of one check.
const SIZE: usize = 4;

/// The units of a duration: the highest bit tells which.
const FINE: Duration = Duration::from_micros(100);
const COARSE: Duration = Duration::from_millis(10);
const IS_COARSE: u16 = 1 << 15;

/// One check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What came of it.
    pub status: Status,
    /// Why it was not ok.
    pub class: Option<Class>,
    /// How long it took, to a tenth of a millisecond, from 3.3 s on to ten milliseconds.
    pub took: Duration,
}

/// The last [`LENGTH`] checks, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ring(Vec<u8>);

impl Ring {
    /// The ring in `bytes`. What is not one, or is of a later version, is left out.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let marks = bytes.chunks_exact(SIZE).filter_map(Mark::read);
        let mut ring = Self::default();
        marks.for_each(|mark| ring.push(mark));
        ring
    }

    /// The bytes to store.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Adds a check; the oldest one goes.
    pub fn push(&mut self, mark: Mark) {
        if self.0.len() >= LENGTH * SIZE {
            self.0.drain(..SIZE);
        }
        self.0.extend(mark.bytes());
    }

    /// The checks, the oldest first.
    pub fn marks(&self) -> impl DoubleEndedIterator<Item = Mark> + '_ {
        self.0.chunks_exact(SIZE).filter_map(Mark::read)
    }
}

impl Mark {
    fn bytes(self) -> [u8; SIZE] {
        let status = Status::ALL.iter().position(|status| *status == self.status).unwrap_or_default();
        let class = self.class.and_then(|class| Class::ALL.iter().position(|known| *known == class));
        let number = |place: usize| u8::try_from(place).unwrap_or(u8::MAX);
        let [low, high] = duration(self.took).to_le_bytes();
        [number(status), class.map_or(0, |place| number(place + 1)), low, high]
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let [status, class, low, high] = *bytes else { return None };
        let status = *Status::ALL.get(usize::from(status))?;
        let class = match usize::from(class).checked_sub(1) {
            Some(place) => Some(*Class::ALL.get(place)?),
            None => None,
        };
        let units = u16::from_le_bytes([low, high]);
        let took = match units & IS_COARSE {
            0 => FINE * u32::from(units),
            _ => COARSE * u32::from(units & !IS_COARSE),
        };
        Some(Self { status, class, took })
    }
}

/// `took` in units, the longest that can be written at most.
fn duration(took: Duration) -> u16 {
    let most = u128::from(IS_COARSE - 1);
    let fine = took.as_nanos() / FINE.as_nanos();
    let (units, bit) = if fine <= most { (fine, 0) } else { (took.as_nanos() / COARSE.as_nanos(), IS_COARSE) };
    u16::try_from(units.min(most)).unwrap_or(IS_COARSE - 1) | bit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(milliseconds: u64) -> Mark {
        Mark { status: Status::Ok, class: None, took: Duration::from_millis(milliseconds) }
    }

    #[test]
    fn every_status_and_class_comes_back() {
        for status in Status::ALL {
            for class in Class::ALL.iter().copied().map(Some).chain([None]) {
                let mark = Mark { status: *status, class, took: Duration::from_micros(1_300) };
                let mut ring = Ring::default();
                ring.push(mark);
                assert_eq!(Ring::read(ring.bytes()).marks().collect::<Vec<_>>(), [mark]);
            }
        }
    }

    /// Rings hold the places of classes: a new class comes last, or the rings of earlier versions mean something else.
    #[test]
    fn places_of_classes_are_kept() {
        let words: Vec<&str> = Class::ALL.iter().map(|class| class.as_str()).collect();
        let expected = [
            "definition",
            "secret",
            "unsupported",
            "policy",
            "resolve",
            "unreachable",
            "closed",
            "timeout",
            "tls",
            "protocol",
            "auth",
            "denied",
            "not_found",
            "busy",
            "server",
            "withheld",
            "local",
            "cancelled",
            "internal",
        ];
        assert_eq!(words[..expected.len()], expected);
    }

    #[test]
    fn durations_are_kept_as_exactly_as_is_said() {
        for (took, kept) in [
            (Duration::ZERO, Duration::ZERO),
            (Duration::from_micros(1_299), Duration::from_micros(1_200)),
            (Duration::from_millis(3_276), Duration::from_millis(3_276)),
            (Duration::from_millis(3_277), Duration::from_millis(3_270)),
            (Duration::from_mins(1), Duration::from_mins(1)),
            (Duration::from_hours(1), Duration::from_millis(327_670)),
        ] {
            let mut ring = Ring::default();
            ring.push(Mark { took, ..mark(0) });
            assert_eq!(ring.marks().next().map(|mark| mark.took), Some(kept), "{took:?}");
        }
    }

    #[test]
    fn only_the_last_checks_are_kept() {
        let mut ring = Ring::default();
        (0..100).for_each(|number| ring.push(mark(number)));
        let kept: Vec<Mark> = ring.marks().collect();
        assert_eq!((kept.len(), kept[0], kept[59]), (LENGTH, mark(40), mark(99)));
        assert_eq!(ring.bytes().len(), 240);
    }

    #[test]
    fn bytes_that_are_no_ring_are_left_out() {
        assert_eq!(Ring::read(&[255, 0, 0, 0, 0, 255, 0, 0, 1, 2]), Ring::default());
    }
}
