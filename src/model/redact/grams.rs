//! `Grams`: a set of windows of skeletons. A lookup takes constant time, whatever the number of secrets, and matches a
//! window in both directions. An automaton of all windows would take fifty times the memory.

use zeroize::Zeroizing;

/// The longest window: eight symbols fit into one number.
pub(super) const LONGEST: usize = 8;

/// A set of windows of one length, wiped on drop.
#[derive(Clone, Default)]
pub(super) struct Grams {
    /// An open-addressing hash table, at most half full. 0 is an empty slot and never a window.
    slots: Zeroizing<Vec<u64>>,
    /// The number of slots in use.
    count: usize,
}

impl Grams {
    /// The set of `keys`, as returned by [`windows`].
    pub(super) fn of(keys: &[u64]) -> Self {
        if keys.is_empty() {
            return Self::default();
        }
        let slots = Zeroizing::new(vec![0; (2 * keys.len()).next_power_of_two()]);
        let mut grams = Self { slots, count: keys.len() };
        for key in keys {
            let place = grams.place(*key);
            grams.slots[place] = *key;
        }
        grams
    }

    /// Adds `others`. The cost depends on their number only, except when the table grows.
    pub(super) fn add(&mut self, others: &Self) {
        let keys = |grams: &Self| grams.slots.iter().copied().filter(|key| *key != 0).collect::<Vec<u64>>();
        let new = Zeroizing::new(keys(others));
        if new.is_empty() {
            return;
        }
        if 2 * (self.count + new.len()) > self.slots.len() {
            let mut all = Zeroizing::new(keys(self));
            all.extend_from_slice(&new);
            let room = Zeroizing::new(vec![0; (4 * all.len()).next_power_of_two()]);
            *self = Self { slots: room, count: 0 };
            all.iter().for_each(|key| self.insert(*key));
        } else {
            new.iter().for_each(|key| self.insert(*key));
        }
    }

    fn insert(&mut self, key: u64) {
        let place = self.place(key);
        self.slots[place] = key;
        self.count += 1;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Whether the set contains `key`. The set must not be empty.
    pub(super) fn contains(&self, key: u64) -> bool {
        self.slots[self.place(key)] != 0
    }

    /// The slot of `key`, or the empty one where it belongs.
    fn place(&self, key: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mixed = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut place = usize::try_from(mixed >> 20).unwrap_or_default() & mask;
        while self.slots[place] != 0 && self.slots[place] != key {
            place = (place + 1) & mask;
        }
        place
    }
}

/// The windows of `length` symbols (1 to [`LONGEST`]) in `symbols`, in order. A window and its reverse have the same
/// key.
pub(super) fn windows(symbols: &[u8], length: usize) -> impl Iterator<Item = u64> {
    let shift = 8 * (length - 1);
    let mask = u64::MAX >> (8 * (LONGEST - length));
    let (mut forwards, mut backwards) = (0_u64, 0_u64);
    symbols.iter().enumerate().filter_map(move |(at, symbol)| {
        forwards = (forwards << 8 | u64::from(*symbol)) & mask;
        backwards = backwards >> 8 | u64::from(*symbol) << shift;
        (at + 1 >= length).then_some(forwards.min(backwards))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_and_its_reverse_are_one() {
        for length in 1..=LONGEST {
            let forwards: Vec<u64> = windows(b"abcdefghijklm", length).collect();
            let mut backwards: Vec<u64> = windows(b"mlkjihgfedcba", length).collect();
            backwards.reverse();
            assert_eq!(forwards, backwards);
            assert_eq!(forwards.len(), 13 - length + 1);
        }
    }

    #[test]
    fn a_set_grows() {
        let key = |number: u64| number << 16;
        let mut grams = Grams::default();
        for number in 1..5_000 {
            grams.add(&Grams::of(&[key(number), key(number + 10_000)]));
            assert!(2 * grams.count <= grams.slots.len());
        }
        assert!((1..5_000).all(|number| grams.contains(key(number)) && grams.contains(key(number + 10_000))));
        assert!(!(5_000..10_000).any(|number| grams.contains(key(number))));
        grams.add(&Grams::default());
        let mut empty = Grams::default();
        empty.add(&Grams::default());
        assert!(empty.is_empty());
    }

    #[test]
    fn a_set_holds_what_was_put_in_and_nothing_else() {
        let keys: Vec<u64> = (1..10_000_u64).map(|key| key << 16).collect();
        let grams = Grams::of(&keys);
        assert!(keys.iter().all(|key| grams.contains(*key)));
        assert!(!keys.iter().any(|key| grams.contains(key + 1)));
    }
}
