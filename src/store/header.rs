//! The one row that the store keeps about itself: its id, and the key that it is encrypted under.

use jiff::Timestamp;

use super::error::StoreError;
use super::key::{Key, Keyring};
use super::state::State;
use super::transaction::{Columns, Line, Transaction};

/// What the store keeps about itself.
#[derive(Clone, Debug)]
pub(super) struct Header {
    /// Its own id, which secrets are bound to.
    pub(super) id: String,
    /// The id of the key that secrets are sealed with; none before the first secret.
    pub(super) key: Option<String>,
    /// When it was made.
    pub(super) created_at: Timestamp,
    /// Its state (`super::state`), sealed; none in a store that nobody with a key has written to yet.
    pub(super) state: Option<String>,
}

impl Header {
    /// One for a store that is being made.
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

    /// The values of its row, in the order of its fields.
    pub(super) fn values(&self) -> Line {
        vec![Some(self.id.clone()), self.key.clone(), Some(super::row::written(self.created_at)), self.state.clone()]
    }
}

/// From now on secrets are sealed with `key`.
pub(super) fn set_key(transaction: &mut dyn Transaction, key: &Key) -> Result<(), StoreError> {
    transaction.rows("UPDATE store SET key_id = $1", vec![Some(key.id().to_owned())]).map(drop)
}

/// Whether there is anything that the store's key is needed for: a secret, or a row that it vouches for.
pub(super) fn is_sealed(transaction: &mut dyn Transaction) -> Result<bool, StoreError> {
    let statement = "SELECT CAST(id AS TEXT) FROM connection WHERE password IS NOT NULL OR extra IS NOT NULL \
        OR tag IS NOT NULL OR (SELECT state FROM store) IS NOT NULL LIMIT 1";
    Ok(!transaction.rows(statement, Vec::new())?.is_empty())
}
