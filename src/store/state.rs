//! The state of the whole store, in its own row: how many changes there were, and which version each
//! row is of. A row that was put back, added or taken away behind our back does not fit it, though its
//! tag may be one of ours.
//!
//! It is a sum (exclusive or) of one keyed digest for each row, encrypted, so that a change costs as
//! much as what it changes, and nobody without the key can compute a sum that fits.
//! A whole store that is put back as it was fits its own state: that shows in the number of changes only.

use std::collections::HashSet;

use aws_lc_rs::hmac;

use super::error::StoreError;
use super::key::{Key, Keyring};
use super::seal::{Plain, Unreadable, decrypt, encrypt, framed};
use super::stored::RowId;

/// How a state is written: `s1:KEY:CHANGES:SUM`, the sum encrypted.
const FORMAT: &str = "s1";

/// How many digests are computed at most to find out which row does not fit.
const SEARCH: usize = 200_000;

/// Which versions there are of which rows, and how many changes led there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    pub(super) changes: u64,
    sum: [u8; 32],
}

/// How the rows differ from what the state says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Difference {
    /// An earlier version of this row was put back; it was of this one.
    Older(RowId, i64),
    /// This row was added, or put back after its removal.
    Added(RowId),
    /// This row was taken away.
    Gone(RowId),
    /// More than one row, or one that cannot be named.
    Several,
}

impl State {
    /// The state of a store with these rows, of these versions.
    pub(super) fn of(key: &Key, store: &str, rows: &[(RowId, i64)], changes: u64) -> Self {
        let mut state = Self { changes, ..Self::default() };
        for (row, version) in rows {
            state.toggle(key, store, *row, *version);
        }
        state
    }

    /// Adds a row of this version to the sum, or takes it from there.
    pub(super) fn toggle(&mut self, key: &Key, store: &str, row: RowId, version: i64) {
        let digest = digest(key, store, row, version);
        self.sum.iter_mut().zip(digest).for_each(|(sum, byte)| *sum ^= byte);
    }

    /// As it is stored.
    pub(super) fn seal(&self, key: &Key, store: &str) -> Result<String, StoreError> {
        let changes = self.changes.to_string();
        let place = framed([FORMAT, store, &changes]);
        let sum = encrypt(key, &place, Plain::new(self.sum.to_vec()))?;
        Ok(format!("{FORMAT}:{}:{changes}:{sum}", key.id()))
    }

    /// Reads what [`State::seal`] wrote.
    pub(super) fn open(keys: &Keyring, store: &str, text: &str) -> Result<Self, Unreadable> {
        let mut parts = text.splitn(4, ':');
        let (Some(FORMAT), Some(id), Some(changes), Some(sum)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Unreadable::Damaged);
        };
        let plain = decrypt(keys.named(id)?, &framed([FORMAT, store, changes]), sum)?;
        let sum = plain.as_slice().try_into().map_err(|_| Unreadable::Damaged)?;
        Ok(Self { changes: changes.parse().map_err(|_| Unreadable::Damaged)?, sum })
    }

    /// How `rows` differ from it.
    pub(super) fn difference(&self, key: &Key, store: &str, rows: &[(RowId, i64)]) -> Option<Difference> {
        let mut rest = self.clone();
        for (row, version) in rows {
            rest.toggle(key, store, *row, *version);
        }
        if rest.sum == [0; 32] {
            return None;
        }
        Some(rest.search(key, store, rows).unwrap_or(Difference::Several))
    }

    /// The one row that explains what is left of the sum, among those that can be tried in short time.
    fn search(&self, key: &Key, store: &str, rows: &[(RowId, i64)]) -> Option<Difference> {
        let digest = |row, version| digest(key, store, row, version);
        let without = |own: [u8; 32]| {
            let mut rest = self.sum;
            rest.iter_mut().zip(own).for_each(|(sum, byte)| *sum ^= byte);
            rest
        };
        let present: Vec<(RowId, i64, [u8; 32])> =
            rows.iter().take(SEARCH).map(|(row, version)| (*row, *version, without(digest(*row, *version)))).collect();
        if let Some((row, _, _)) = present.iter().find(|(_, _, rest)| *rest == [0; 32]) {
            return Some(Difference::Added(*row));
        }
        let there: HashSet<RowId> = rows.iter().map(|(row, _)| *row).collect();
        let last = rows.iter().map(|(row, _)| row.0).max().unwrap_or_default();
        let absent: Vec<RowId> =
            (1..=last.saturating_add(100)).take(SEARCH).map(RowId).filter(|row| !there.contains(row)).collect();
        let steps = SEARCH / (present.len() + absent.len()).max(1);
        for step in (1..).take(steps) {
            for (row, version, rest) in &present {
                let later = version.saturating_add(step);
                if digest(*row, later) == *rest {
                    return Some(Difference::Older(*row, later));
                }
            }
            for row in &absent {
                if digest(*row, step) == self.sum {
                    return Some(Difference::Gone(*row));
                }
            }
        }
        None
    }
}

fn digest(key: &Key, store: &str, row: RowId, version: i64) -> [u8; 32] {
    let mut digest = [0; 32];
    let place = framed([FORMAT, store, &row.0.to_string(), &version.to_string()]);
    digest.copy_from_slice(hmac::sign(&key.mac, &place).as_ref());
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyring() -> (Keyring, tempfile::TempDir) {
        let home = tempfile::tempdir().unwrap();
        (Keyring::read_or_create(Some(&home.path().join("key"))).unwrap(), home)
    }

    #[test]
    fn it_is_read_as_it_was_written_and_no_other_counter_fits() {
        let (keys, _home) = keyring();
        let key = keys.present().unwrap();
        let state = State::of(key, "s", &[(RowId(1), 3)], 7);
        let text = state.seal(key, "s").unwrap();
        assert_eq!(State::open(&keys, "s", &text), Ok(state));
        assert_eq!(State::open(&keys, "t", &text), Err(Unreadable::Damaged));
        for other in [text.replace(":7:", ":8:"), text.replace(":7:", ":07:"), text[..text.len() - 1].to_owned()] {
            assert_eq!(State::open(&keys, "s", &other), Err(Unreadable::Damaged), "{other}");
        }
    }

    #[test]
    fn one_row_that_does_not_fit_is_named() {
        let (keys, _home) = keyring();
        let key = keys.present().unwrap();
        let rows = [(RowId(1), 1), (RowId(2), 5), (RowId(4), 2)];
        let state = State::of(key, "s", &rows, 9);
        let found = |rows: &[(RowId, i64)]| state.difference(key, "s", rows);
        assert_eq!(found(&rows), None);
        for (rows, difference) in [
            (&[(RowId(1), 1), (RowId(2), 3), (RowId(4), 2)][..], Difference::Older(RowId(2), 5)),
            (&[(RowId(1), 1), (RowId(2), 5), (RowId(3), 1), (RowId(4), 2)], Difference::Added(RowId(3))),
            (&[(RowId(1), 1), (RowId(2), 5)], Difference::Gone(RowId(4))),
            (&[(RowId(2), 5), (RowId(4), 2)], Difference::Gone(RowId(1))),
            (&[(RowId(2), 4), (RowId(4), 1)], Difference::Several),
            (&[], Difference::Several),
        ] {
            assert_eq!(found(rows), Some(difference), "{rows:?}");
        }
    }
}
