//! The single row that the store keeps about itself, with its id and its key's id.

use jiff::Timestamp;

use super::error::StoreError;
use super::key::{Key, Keyring};
use super::state::State;
use super::transaction::{Columns, Line, Transaction};

/// The data that the store keeps about itself.
#[derive(Clone, Debug)]
pub(super) struct Header {
    /// The store's own id, to which secrets are bound.
    pub(super) id: String,
    /// The id of the key that seals secrets; `None` before the first secret.
    pub(super) key: Option<String>,
    /// When the store was created.
    pub(super) created_at: Timestamp,
    /// The sealed state (`super::state`); `None` if no process with a key has written to the store yet.
    pub(super) state: Option<String>,
}

impl Header {
    /// The header of a new store.
    pub(super) fn new(keys: &Keyring) -> Result<Self, StoreError> {
        let id = super::random::hex::<16>()?;
        let state = keys.present().map(|key| State::empty().seal(key, &id)).transpose()?;
        let key = keys.present().map(|key| key.id().to_owned());
        Ok(Self { id, key, created_at: crate::clock::now(), state })
    }

    pub(super) fn read(transaction: &mut dyn Transaction, place: &str) -> Result<Self, StoreError> {
        let rows = transaction.rows("SELECT id, key_id, created_at, state FROM store", Vec::new())?;
        let mut columns = Columns::of(rows.into_iter().next().unwrap_or_default(), place);
        Ok(Self { id: columns.need()?, key: columns.next(), created_at: columns.need()?, state: columns.next() })
    }

    /// The values of the row, in the order of the fields.
    pub(super) fn values(&self) -> Line {
        vec![Some(self.id.clone()), self.key.clone(), Some(super::row::written(self.created_at)), self.state.clone()]
    }
}

/// Makes `key` the key that seals secrets.
pub(super) fn set_key(transaction: &mut dyn Transaction, key: &Key) -> Result<(), StoreError> {
    transaction.rows("UPDATE store SET key_id = $1", vec![Some(key.id().to_owned())]).map(drop)
}

/// Whether the store has anything that needs its key: a secret, a tagged row, or the sealed state.
pub(super) fn is_sealed(transaction: &mut dyn Transaction) -> Result<bool, StoreError> {
    let statement = "SELECT CAST(id AS TEXT) FROM connection WHERE password IS NOT NULL OR extra IS NOT NULL \
        OR tag IS NOT NULL OR (SELECT state FROM store) IS NOT NULL LIMIT 1";
    Ok(!transaction.rows(statement, Vec::new())?.is_empty())
}
