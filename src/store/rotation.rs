//! Changes from one key to the next, in batches. At every moment one of the two keys opens each secret, and an
//! interrupted rotation continues where it stopped.
//!
//! First the next key is created beside the current one. Then the store's header gets its id, so that new rows and the
//! state are sealed with it. The existing rows are sealed again, batch by batch. When no row needs the old key any
//! more, the file of the new key replaces it.

use super::database::Database;
use super::error::StoreError;
use super::header::{Header, is_sealed, set_key};
use super::integrity::{Integrity, digests};
use super::key::{Key, Keyring};
use super::row::{self, Row};
use super::sealing::{put, set_state};
use super::state::{Digester, State};
use super::stored::RowId;
use super::tag;
use super::transaction::{Columns, Line, Transaction};

/// The number of definitions that one transaction seals again.
const BATCH: usize = 100;

/// The result of one batch.
#[derive(Default)]
struct Batch {
    /// The last definition of the batch; `None` if there was nothing to do.
    last: Option<RowId>,
    resealed: usize,
    unreadable: Vec<RowId>,
}

/// Changes from the present key to the next. Calls `progress` at the beginning and after each batch, with the number of
/// definitions that were sealed again so far.
pub(super) fn run(
    database: &mut Database,
    keys: &mut Keyring,
    store: &str,
    progress: &mut dyn FnMut(usize),
) -> Result<usize, StoreError> {
    begin(database, keys)?;
    progress(0);
    let (mut resealed, mut unreadable, mut from) = (0, Vec::new(), RowId(0));
    loop {
        let batch = reseal(database, keys, store, from)?;
        let Some(last) = batch.last else { break };
        from = last;
        resealed += batch.resealed;
        unreadable.extend(batch.unreadable);
        progress(resealed);
    }
    if let Some(first) = unreadable.first() {
        return Err(StoreError::Undecryptable { count: unreadable.len(), first: *first });
    }
    database.sweep()?;
    // Under the lock for writers, so that of several rotations none removes another one's key.
    database.write(|_transaction| keys.advance())?;
    Ok(resealed)
}

/// Makes the next key the one that seals new data.
fn begin(database: &mut Database, keys: &mut Keyring) -> Result<(), StoreError> {
    let place = database.place().to_owned();
    database.write(|transaction| {
        keys.refresh()?;
        let header = Header::read(transaction, &place)?;
        if keys.present().is_none() {
            return Err(StoreError::NoKey);
        }
        if let Some(needed) = header.key.clone().filter(|id| keys.find(id).is_none())
            && is_sealed(transaction)?
        {
            return Err(StoreError::OtherKey { needed, given: keys.ids() });
        }
        if Integrity::of(transaction, &header, keys, &place)?.must_not_be_sealed_anew() {
            return Err(StoreError::Unvouched { place });
        }
        keys.make_next(&header)?;
        let next = keys.next()?;
        let changes = header.state.as_deref().and_then(|text| State::open(keys, &header.id, text).ok());
        let changes = changes.map_or(0, |state| state.changes.saturating_add(1));
        let state = State::of(&digests(transaction, &place, Digester::new(next, &header.id))?, changes);
        set_key(transaction, next)?;
        set_state(transaction, &state, next, &header.id)
    })
}

fn reseal(database: &mut Database, keys: &Keyring, store: &str, from: RowId) -> Result<Batch, StoreError> {
    let place = database.place().to_owned();
    let key = keys.next()?;
    database.write(|transaction| {
        let header = Header::read(transaction, &place)?;
        let needed = header.key.unwrap_or_default();
        if needed != key.id() {
            // Another rotation to this key has ended, and one to the key after it has begun: nothing remains to be
            // done.
            return if keys.is_replaced()? {
                Ok(Batch::default())
            } else {
                Err(StoreError::OtherKey { needed, given: keys.ids() })
            };
        }
        let digester = Digester::new(key, store);
        let mut state = header.state.as_deref().and_then(|text| State::open(keys, store, text).ok());
        let mut batch = Batch::default();
        let mut lines: Vec<Line> = Vec::new();
        for row in not_sealed_with(key, from, transaction, &place)? {
            let id = row.id;
            batch.last = Some(id);
            let (version, before) = (row.meta.version, row.tag.clone());
            match row.reseal(keys, key, store, &Integrity::Whole(0))? {
                Some([password, extra, tag]) => {
                    if let Some(state) = &mut state {
                        state.toggle(id, digester.digest(id, version, &before));
                        state.toggle(id, digester.digest(id, version, &tag));
                    }
                    lines.push(vec![Some(id.0.to_string()), password, extra, tag]);
                }
                None => batch.unreadable.push(id),
            }
        }
        batch.resealed = lines.len();
        if let (Some(state), false) = (&state, lines.is_empty()) {
            set_state(transaction, state, key, store)?;
        }
        put(transaction, lines)?;
        Ok(batch)
    })
}

/// The next definitions after `from` that are sealed with another key.
fn not_sealed_with(
    key: &Key,
    from: RowId,
    transaction: &mut dyn Transaction,
    place: &str,
) -> Result<Vec<Row>, StoreError> {
    let statement = format!(
        "SELECT {} FROM connection c WHERE c.id > CAST($1 AS BIGINT) \
         AND (c.tag IS NULL OR substr(c.tag, 1, length($2)) <> $2) \
         ORDER BY c.id LIMIT {BATCH}",
        row::READ
    );
    let lines = transaction.rows(&statement, vec![Some(from.0.to_string()), Some(tag::prefix(key.id()))])?;
    lines.into_iter().map(|line| Row::read(&mut Columns::of(line, place))).collect()
}
