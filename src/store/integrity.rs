//! Whether the rows are as connprobe stored them, as a whole: what the store's state says to them, what is
//! wrong with a row, and what is said of both.

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
    /// The store has no state and no row a tag: an earlier version made it, or every writer lacked the key. Of a store
    /// whose key a later version made, that cannot be.
    Unsealed {
        /// Whether the store has a key; the next writer that has it seals the store.
        key: bool,
    },
    /// The rows fit the state, after this many changes.
    Whole(u64),
    /// The rows do not fit the state.
    Different(Difference),
    /// It cannot be read without the key of this id.
    Unverified(String),
    /// It is gone, or connprobe did not make it.
    Broken,
}

/// Why a row is not used as it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Its tag is another row's, or that of other values.
    Changed,
    /// It has no tag, as every row of this store must.
    Untagged,
    /// It is of another time, or of a copy of the store: put back, or added.
    PutBack,
    /// It cannot be verified that the row is the last version of its definition.
    Unvouched,
    /// It has no secret, and was tagged with the key of this id; or the seal over all rows needs that key.
    OtherKey(String),
    /// It has no secret, and there is no key to verify it.
    NoKey,
    /// A secret that cannot be read.
    Secret(Field, Unreadable),
}

/// Every row, and its digest.
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

/// Whether any row was ever sealed as this version seals rows.
pub(super) fn has_tags(transaction: &mut dyn Transaction) -> Result<bool, StoreError> {
    let statement = "SELECT CAST(id AS TEXT) FROM connection WHERE tag IS NOT NULL \
        OR substr(password, 1, 3) = 'v2:' OR substr(extra, 1, 3) = 'v2:' LIMIT 1";
    Ok(!transaction.rows(statement, Vec::new())?.is_empty())
}

impl Integrity {
    /// Looks at the state and at every row's version.
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

    /// Whether a seal over the rows as they are would hide that some were put back or added.
    pub(super) fn must_not_be_sealed_anew(&self) -> bool {
        match self {
            Self::Broken | Self::Different(Difference::Other(..) | Difference::Added(_) | Difference::Several) => true,
            Self::Unsealed { .. } | Self::Whole(_) | Self::Unverified(_) | Self::Different(Difference::Gone(_)) => {
                false
            }
        }
    }

    /// What is wrong with this row, the tag of which is right.
    pub(super) fn fault(&self, row: RowId) -> Option<Fault> {
        match self {
            Self::Different(Difference::Other(other, _) | Difference::Added(other)) if *other == row => {
                Some(Fault::PutBack)
            }
            // An earlier version has a tag that is right as well.
            Self::Broken | Self::Different(Difference::Several) => Some(Fault::Unvouched),
            // So has one that was sealed with a key at hand before the store was sealed with this one, or was said to be.
            Self::Unverified(key) => Some(Fault::OtherKey(key.clone())),
            _ => None,
        }
    }

    /// What deserves attention in every row.
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

    /// What is wrong with the whole, as a lower-case fragment for people.
    pub(super) fn complaint(&self) -> Option<String> {
        Some(match self {
            // Such a row says so itself.
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
    /// What is wrong, with its words.
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
