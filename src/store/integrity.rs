//! Whether the rows as a whole are as connprobe stored them: compares them with the store's state, and has the faults
//! of single rows and the messages about both.

use super::error::StoreError;
use super::header::Header;
use super::key::Keyring;
use super::seal::{Field, Unreadable};
use super::state::{Difference, Digest, Digester, State};
use super::stored::RowId;
use super::transaction::{Columns, Transaction};
use crate::model::connection::Problem;
use crate::model::notice::StoreNotice;
use crate::model::problem::RowFlaw;
use crate::model::warning::Warning;

/// How the rows of the store compare with its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Integrity {
    /// The store has no state, and no row has a tag: an earlier version created it, or no writer had the key. This is
    /// impossible if a later version created the store's key.
    Unsealed {
        /// Whether the store has a key; the next writer with this key seals the store.
        key: bool,
    },
    /// The rows match the state, after this number of changes.
    Whole(u64),
    /// The rows do not match the state.
    Different(Difference),
    /// The state cannot be read without the key with this id.
    Unverified(String),
    /// The state was removed, or was not made by connprobe.
    Broken,
}

/// Why a row is not used as it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Its tag belongs to another row or to other values.
    Changed,
    /// It has no tag, although every row of this store must have one.
    Untagged,
    /// It is from another time or from a copy of the store: it was put back, or added.
    PutBack,
    /// It cannot be verified that the row is the last version of its definition.
    Unvouched,
    /// Its tag, in a row without secrets, or the state of the store needs the key with this id.
    OtherKey(String),
    /// It has no secret, and there is no key to verify its tag.
    NoKey,
    /// A secret that cannot be read.
    Secret(Field, Unreadable),
}

/// All rows with their digests.
pub(super) fn digests(
    transaction: &mut dyn Transaction,
    place: &str,
    digester: Digester<'_>,
) -> Result<Vec<(RowId, Digest)>, StoreError> {
    let mut digests = Vec::new();
    let statement = "SELECT CAST(c.id AS TEXT), CAST(c.version AS TEXT), c.tag FROM connection c ORDER BY c.id";
    transaction.each(statement, Vec::new(), &mut |line| {
        let mut columns = Columns::of(line, place);
        let (row, version) = (RowId(columns.need()?), columns.need()?);
        digests.push((row, digester.digest(row, version, &columns.next())));
        super::rows::within_bounds(digests.len(), 0, place)
    })?;
    Ok(digests)
}

/// Whether any row has a tag, or a secret in the format of rows with a tag.
pub(super) fn has_tags(transaction: &mut dyn Transaction) -> Result<bool, StoreError> {
    let statement = "SELECT CAST(id AS TEXT) FROM connection WHERE tag IS NOT NULL \
        OR substr(password, 1, 3) = 'v2:' OR substr(extra, 1, 3) = 'v2:' LIMIT 1";
    Ok(!transaction.rows(statement, Vec::new())?.is_empty())
}

impl Integrity {
    /// Compares the state with the rows' numbers, versions and tags.
    pub(super) fn of(
        transaction: &mut dyn Transaction,
        header: &Header,
        keys: &Keyring,
        place: &str,
    ) -> Result<Self, StoreError> {
        let Some(state) = &header.state else {
            let was_never_sealed = keys.may_have_untagged_rows() && !has_tags(transaction)?;
            return Ok(if was_never_sealed { Self::Unsealed { key: header.key.is_some() } } else { Self::Broken });
        };
        let Some(key) = &header.key else { return Ok(Self::Broken) };
        let opened = State::open(keys, &header.id, state);
        Ok(match (opened, keys.find(key)) {
            (Ok(state), Some(key)) => {
                let rows = digests(transaction, place, Digester::of(&state, key, &header.id))?;
                state.difference(&rows).map_or(Self::Whole(state.changes), Self::Different)
            }
            (Err(Unreadable::NoKey | Unreadable::OtherKey(_)), None) => Self::Unverified(key.clone()),
            _ => Self::Broken,
        })
    }

    /// Whether every row must have a tag.
    pub(super) fn is_sealed(&self) -> bool {
        !matches!(self, Self::Unsealed { .. })
    }

    /// Whether sealing the rows as they are would hide that some were put back or added.
    pub(super) fn must_not_be_sealed_anew(&self) -> bool {
        match self {
            Self::Broken | Self::Different(Difference::Other(..) | Difference::Added(_) | Difference::Several) => true,
            Self::Unsealed { .. } | Self::Whole(_) | Self::Unverified(_) | Self::Different(Difference::Gone(_)) => {
                false
            }
        }
    }

    /// What is wrong with this row, although its tag is valid.
    pub(super) fn fault(&self, row: RowId) -> Option<Fault> {
        match self {
            Self::Different(Difference::Other(other, _) | Difference::Added(other)) if *other == row => {
                Some(Fault::PutBack)
            }
            // The tag of an earlier version of the row is valid too.
            Self::Broken | Self::Different(Difference::Several) => Some(Fault::Unvouched),
            // A tag is also valid if it was made with an available key before the store changed to this key, or before
            // its header was altered to this key.
            Self::Unverified(key) => Some(Fault::OtherKey(key.clone())),
            _ => None,
        }
    }

    /// The warning that applies to every row.
    pub(super) fn warning(&self, tagged: bool) -> Option<Warning> {
        match self {
            Self::Broken | Self::Different(Difference::Gone(_) | Difference::Several) => {
                Some(StoreNotice::Changed.into())
            }
            Self::Unverified(_) if tagged => Some(StoreNotice::NoKey.into()),
            Self::Unsealed { key: true } => Some(StoreNotice::Unsealed.into()),
            _ => None,
        }
    }

    /// What is wrong with the store as a whole, as a lower-case fragment for people.
    pub(super) fn complaint(&self) -> Option<String> {
        Some(match self {
            // Such a row has a problem of its own.
            Self::Unsealed { .. } | Self::Whole(_) | Self::Different(Difference::Other(..) | Difference::Added(_)) => {
                return None;
            }
            Self::Different(Difference::Gone(row)) => format!("`{row}` was removed by something else than connprobe"),
            Self::Different(Difference::Several) => {
                "several rows were put back, added or removed by something else than connprobe".to_owned()
            }
            Self::Unverified(key) => {
                format!("the rows cannot be verified: that needs the key `{key}`, which is not at hand")
            }
            Self::Broken => "the seal over all rows is damaged, or was removed".to_owned(),
        })
    }
}

impl Fault {
    /// The problem with its message.
    pub(super) fn problem(self) -> Problem {
        Problem::from(match self {
            Self::Changed => RowFlaw::Changed,
            Self::Untagged => RowFlaw::Untagged,
            Self::PutBack => RowFlaw::PutBack,
            Self::Unvouched => RowFlaw::Unvouched,
            Self::OtherKey(id) => RowFlaw::OtherKey { id },
            Self::NoKey => RowFlaw::NoKey,
            Self::Secret(field, error) => unreadable(field.as_str(), error),
        })
    }
}

fn unreadable(field: &'static str, error: Unreadable) -> RowFlaw {
    match error {
        Unreadable::NoKey => RowFlaw::SecretNoKey { field },
        Unreadable::OtherKey(id) => RowFlaw::SecretOtherKey { field, id },
        Unreadable::Damaged => RowFlaw::SecretDamaged { field },
    }
}
