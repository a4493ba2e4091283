//! The state of the whole store, in the row about the store: the number of changes, and which rows exist after them. If
//! another program put a row back, added, exchanged or removed one, the rows do not match the state, even if connprobe
//! made the row's tag.
//!
//! The state has sums (exclusive or) of keyed digests, one digest for each row, over the row's number, version and tag.
//! The comparison reads nothing else, and a change of one row changes one digest. There is one sum over all rows, and
//! one for each bit of the rows' numbers, over the rows that have that bit: if a single row does not match, these sums
//! give its number. All sums are encrypted, so that matching sums cannot be computed without the key.
//!
//! A whole store that is put back matches its own state; only the number of changes reveals it.

use aws_lc_rs::hmac;

use super::error::StoreError;
use super::key::{Key, Keyring};
use super::seal::{Plain, Unreadable, decrypt, encrypt, framed};
use super::stored::RowId;
use super::transaction::Value;

/// The format of a state: `s2:KEY:CHANGES:SUMS`, with the sums encrypted.
const FORMAT: &str = "s2";
/// The format of earlier versions: one sum, over the rows' numbers and versions without their tags.
const FIRST_FORMAT: &str = "s1";

/// The number of bits of a row's number.
const BITS: usize = 64;

/// The contribution of one row to the sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Digest([u64; 4]);

impl Digest {
    const NOTHING: Self = Self([0; 4]);

    fn add(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(sum, part)| *sum ^= part);
    }

    fn without(mut self, other: Self) -> Self {
        self.add(other);
        self
    }
}

/// Computes the digests of rows.
#[derive(Clone, Copy)]
pub(super) struct Digester<'a> {
    pub(super) key: &'a Key,
    /// The store's own id.
    pub(super) store: &'a str,
    /// Whether the digests are for a state of an earlier version, which does not cover tags.
    first: bool,
}

impl<'a> Digester<'a> {
    /// For a state in the present format.
    pub(super) fn new(key: &'a Key, store: &'a str) -> Self {
        Self { key, store, first: false }
    }

    /// For the format of `state`.
    pub(super) fn of(state: &State, key: &'a Key, store: &'a str) -> Self {
        Self { key, store, first: state.is_of_first_format() }
    }

    pub(super) fn digest(self, row: RowId, version: i64, tag: &Value) -> Digest {
        let (row, version) = (row.0.to_string(), version.to_string());
        let place = if self.first {
            framed([FIRST_FORMAT, self.store, &row, &version])
        } else {
            framed([FORMAT, self.store, &row, &version, tag.as_deref().unwrap_or_default()])
        };
        let mut digest = Digest::NOTHING;
        let signed = hmac::sign(&self.key.mac, &place);
        for (word, bytes) in digest.0.iter_mut().zip(signed.as_ref().chunks_exact(8)) {
            *word = bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
        }
        digest
    }
}

/// Which rows exist, and the number of changes so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) changes: u64,
    sum: Digest,
    /// One sum for each bit of the rows' numbers; empty in a state of an earlier version.
    by_bit: Vec<Digest>,
}

/// How the rows differ from the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Difference {
    /// The row exists in another version than the one that connprobe stored, which has this digest.
    Other(RowId, Digest),
    /// This row was added, or put back after its removal.
    Added(RowId),
    /// This row was removed.
    Gone(RowId),
    /// More than one row differs, or the row is unknown.
    Several,
}

impl State {
    /// The state of a store without rows.
    pub(super) fn empty() -> Self {
        Self { changes: 0, sum: Digest::NOTHING, by_bit: vec![Digest::NOTHING; BITS] }
    }

    /// The state of a store with these rows.
    pub(super) fn of(rows: &[(RowId, Digest)], changes: u64) -> Self {
        let mut state = Self { changes, ..Self::empty() };
        for (row, digest) in rows {
            state.toggle(*row, *digest);
        }
        state
    }

    /// Adds a row to the sums, or removes it from them.
    pub(super) fn toggle(&mut self, row: RowId, digest: Digest) {
        self.sum.add(digest);
        for (bit, sum) in self.by_bit.iter_mut().enumerate() {
            if row.0 >> bit & 1 == 1 {
                sum.add(digest);
            }
        }
    }

    /// Whether an earlier version wrote the state, so that it does not distinguish rows with the same version.
    pub(super) fn is_of_first_format(&self) -> bool {
        self.by_bit.is_empty()
    }

    /// Whether an earlier version wrote the state `text`.
    pub(super) fn is_text_of_first_format(text: &str) -> bool {
        text.split(':').next() == Some(FIRST_FORMAT)
    }

    /// The number of changes in the stored state `text`, whether or not it can be opened.
    pub(super) fn changes_of(text: &str) -> Option<u64> {
        text.split(':').nth(2)?.parse().ok()
    }

    /// The state in its stored form.
    pub(super) fn seal(&self, key: &Key, store: &str) -> Result<String, StoreError> {
        let changes = self.changes.to_string();
        let format = if self.is_of_first_format() { FIRST_FORMAT } else { FORMAT };
        let sums = std::iter::once(&self.sum).chain(&self.by_bit);
        let plain = Plain::new(sums.flat_map(|sum| sum.0).flat_map(u64::to_be_bytes).collect());
        let sums = encrypt(key, &framed([format, store, &changes]), plain)?;
        Ok(format!("{format}:{}:{changes}:{sums}", key.id()))
    }

    /// Reads a state that [`State::seal`] wrote.
    pub(super) fn open(keys: &Keyring, store: &str, text: &str) -> Result<Self, Unreadable> {
        let mut parts = text.splitn(4, ':');
        let (Some(format), Some(id), Some(changes), Some(sums)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Unreadable::Damaged);
        };
        let bits = match format {
            FORMAT => BITS,
            FIRST_FORMAT => 0,
            _ => return Err(Unreadable::Damaged),
        };
        let plain = decrypt(keys.named(id)?, &framed([format, store, changes]), sums)?;
        let words = plain.chunks_exact(8).map(|bytes| bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)));
        let words: Vec<u64> = words.collect();
        let mut sums = words.as_chunks::<4>().0.iter().map(|words| Digest(*words));
        let (Some(sum), by_bit) = (sums.next(), sums.collect::<Vec<_>>()) else { return Err(Unreadable::Damaged) };
        if by_bit.len() != bits {
            return Err(Unreadable::Damaged);
        }
        Ok(Self { changes: changes.parse().map_err(|_| Unreadable::Damaged)?, sum, by_bit })
    }

    /// How `rows` differ from the state; `None` if they match.
    pub(super) fn difference(&self, rows: &[(RowId, Digest)]) -> Option<Difference> {
        let mut rest = self.clone();
        for (row, digest) in rows {
            rest.toggle(*row, *digest);
        }
        let fits = std::iter::once(&rest.sum).chain(&rest.by_bit).all(|sum| *sum == Digest::NOTHING);
        if fits {
            return None;
        }
        let Some(row) = rest.spelt() else { return Some(Difference::Several) };
        let there = rows.iter().find(|(other, _)| *other == row).map(|(_, digest)| rest.sum.without(*digest));
        Some(match there {
            None => Difference::Gone(row),
            Some(Digest::NOTHING) => Difference::Added(row),
            Some(stored) => Difference::Other(row, stored),
        })
    }

    /// The number of the row, if the sums are those of a single row.
    fn spelt(&self) -> Option<RowId> {
        if self.is_of_first_format() || self.sum == Digest::NOTHING {
            return None;
        }
        let mut number = 0;
        for (bit, sum) in self.by_bit.iter().enumerate() {
            match *sum {
                Digest::NOTHING => {}
                sum if sum == self.sum => number |= 1 << bit,
                _ => return None,
            }
        }
        Some(RowId(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyring() -> (Keyring, tempfile::TempDir) {
        let home = tempfile::tempdir().unwrap();
        (Keyring::read_or_create(Some(&home.path().join("key"))).unwrap(), home)
    }

    /// Rows by number and version, all with the same tag.
    fn rows(keys: &Keyring, rows: &[(i64, i64)]) -> Vec<(RowId, Digest)> {
        tagged(keys, &rows.iter().map(|(row, version)| (*row, *version, "t")).collect::<Vec<_>>())
    }

    fn tagged(keys: &Keyring, rows: &[(i64, i64, &str)]) -> Vec<(RowId, Digest)> {
        let digester = Digester::new(keys.present().unwrap(), "s");
        let digest = |row, version, tag: &str| digester.digest(RowId(row), version, &Some(tag.to_owned()));
        rows.iter().map(|(row, version, tag)| (RowId(*row), digest(*row, *version, tag))).collect()
    }

    #[test]
    fn it_is_read_as_it_was_written_and_no_other_counter_fits() {
        let (keys, _home) = keyring();
        let key = keys.present().unwrap();
        let state = State::of(&rows(&keys, &[(1, 3), (i64::MAX, 1), (-1, 1)]), 7);
        let text = state.seal(key, "s").unwrap();
        assert_eq!(State::open(&keys, "s", &text), Ok(state));
        assert!(!State::is_text_of_first_format(&text));
        assert_eq!(State::open(&keys, "t", &text), Err(Unreadable::Damaged));
        for other in [
            text.replace(":7:", ":8:"),
            text.replace(":7:", ":07:"),
            text.replace("s2:", "s1:"),
            text.replace("s2:", "s3:"),
            text[..text.len() - 1].to_owned(),
        ] {
            assert_eq!(State::open(&keys, "s", &other), Err(Unreadable::Damaged), "{other}");
        }
    }

    #[test]
    fn one_row_that_does_not_fit_is_named() {
        let (keys, _home) = keyring();
        let state = State::of(&rows(&keys, &[(1, 1), (2, 5), (4, 2)]), 9);
        let stored = rows(&keys, &[(2, 5)])[0].1;
        let found = |list: &[(i64, i64)]| state.difference(&rows(&keys, list));
        assert_eq!(found(&[(1, 1), (2, 5), (4, 2)]), None);
        for (rows, difference) in [
            (&[(1, 1), (2, 3), (4, 2)][..], Difference::Other(RowId(2), stored)),
            (&[(1, 1), (2, 77), (4, 2)], Difference::Other(RowId(2), stored)),
            (&[(1, 1), (2, 5), (3, 1), (4, 2)], Difference::Added(RowId(3))),
            (&[(1, 1), (2, 5), (4, 2), (i64::MAX, 1)], Difference::Added(RowId(i64::MAX))),
            (&[(1, 1), (2, 5), (4, 2), (-7, 1)], Difference::Added(RowId(-7))),
            (&[(1, 1), (2, 5), (4, 2), (0, 1)], Difference::Added(RowId(0))),
            (&[(1, 1), (2, 5)], Difference::Gone(RowId(4))),
            (&[(2, 5), (4, 2)], Difference::Gone(RowId(1))),
            (&[(2, 4), (4, 1)], Difference::Several),
            (&[(1, 2), (2, 4), (4, 1)], Difference::Several),
            (&[(1, 1), (4, 2), (6, 5)], Difference::Several),
            (&[], Difference::Several),
        ] {
            assert_eq!(found(rows), Some(difference), "{rows:?}");
        }
    }

    #[test]
    fn a_row_of_the_same_version_with_another_tag_is_another() {
        let (keys, _home) = keyring();
        let state = State::of(&tagged(&keys, &[(1, 1, "a"), (2, 5, "b")]), 9);
        let stored = tagged(&keys, &[(2, 5, "b")])[0].1;
        let found = state.difference(&tagged(&keys, &[(1, 1, "a"), (2, 5, "c")]));
        assert_eq!(found, Some(Difference::Other(RowId(2), stored)));
    }

    #[test]
    fn a_state_of_an_earlier_version_is_read_and_tells_versions_only() {
        let (keys, _home) = keyring();
        let key = keys.present().unwrap();
        let first = State { changes: 3, sum: Digest::NOTHING, by_bit: Vec::new() };
        let digester = Digester::of(&first, key, "s");
        let digest =
            |row, version, tag: &str| (RowId(row), digester.digest(RowId(row), version, &Some(tag.to_owned())));
        let mut state = first;
        state.toggle(RowId(1), digest(1, 2, "a").1);
        let text = state.seal(key, "s").unwrap();
        assert!(State::is_text_of_first_format(&text));
        let state = State::open(&keys, "s", &text).unwrap();
        assert_eq!(state.difference(&[digest(1, 2, "b")]), None);
        assert_eq!(state.difference(&[digest(1, 1, "a")]), Some(Difference::Several));
    }
}
