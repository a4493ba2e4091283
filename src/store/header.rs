//! The one row that the store keeps about itself: its id, and the key that it is encrypted under.

use jiff::Timestamp;

use super::database::{Columns, Line, Transaction};
use super::error::StoreError;
use super::key::{Key, Keyring};

/// What the store keeps about itself.
#[derive(Clone, Debug)]
pub(super) struct Header {
    /// Its own id, which secrets are bound to.
    pub(super) id: String,
    /// The id of the key that secrets are sealed with; none before the first secret.
    pub(super) key: Option<String>,
    /// When it was made.
    pub(super) created_at: Timestamp,
}

impl Header {
    /// One for a store that is being made.
    pub(super) fn new(keys: &Keyring) -> Result<Self, StoreError> {
        Ok(Self {
            id: super::random_hex::<16>()?,
            key: keys.present().map(|key| key.id().to_owned()),
            created_at: Timestamp::now(),
        })
    }

    pub(super) fn read(transaction: &mut dyn Transaction, place: &str) -> Result<Self, StoreError> {
        let rows = transaction.rows("SELECT id, key_id, created_at FROM store", Vec::new())?;
        let mut columns = Columns::of(rows.into_iter().next().unwrap_or_default(), place);
        Ok(Self { id: columns.need()?, key: columns.next(), created_at: columns.need()? })
    }

    /// The values of its row, in the order of its fields.
    pub(super) fn values(&self) -> Line {
        vec![Some(self.id.clone()), self.key.clone(), Some(super::written(self.created_at))]
    }
}

/// Which key new secrets are sealed with: the store's own. Where nothing is sealed yet, the key at
/// hand becomes that.
pub(super) fn sealing_key<'a>(
    transaction: &mut dyn Transaction,
    place: &str,
    keys: &'a Keyring,
) -> Result<&'a Key, StoreError> {
    let header = Header::read(transaction, place)?;
    if let Some(key) = header.key.as_deref().and_then(|id| keys.find(id)) {
        return Ok(key);
    }
    let Some(key) = keys.present() else { return Err(StoreError::NoKey) };
    if let Some(needed) = header.key
        && is_sealed(transaction)?
    {
        return Err(StoreError::OtherKey { needed, given: keys.ids() });
    }
    set_key(transaction, key)?;
    Ok(key)
}

/// From now on secrets are sealed with `key`.
pub(super) fn set_key(transaction: &mut dyn Transaction, key: &Key) -> Result<(), StoreError> {
    transaction.rows("UPDATE store SET key_id = $1", vec![Some(key.id().to_owned())]).map(drop)
}

/// Whether there is any secret.
pub(super) fn is_sealed(transaction: &mut dyn Transaction) -> Result<bool, StoreError> {
    let statement = "SELECT CAST(id AS TEXT) FROM connection WHERE password IS NOT NULL OR extra IS NOT NULL LIMIT 1";
    Ok(!transaction.rows(statement, Vec::new())?.is_empty())
}
