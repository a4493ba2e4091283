//! The key that a change is written with, and the store's state before and after it. A store without a state is sealed
//! here, once, by the first writer that has its key.

use std::collections::HashSet;

use super::error::StoreError;
use super::header::{self, Header, set_key};
use super::integrity::{Integrity, digests, has_tags};
use super::key::{Key, Keyring};
use super::row::{self, Row};
use super::state::{Difference, Digester, State};
use super::stored::RowId;
use super::transaction::{Columns, Line, Transaction, Value, over};

/// The key and the state for one change.
pub(super) struct Sealing<'a> {
    /// The store's own id.
    pub(super) store: &'a str,
    /// Without a key only removals are possible, unless the store has no key either.
    pub(super) key: Option<&'a Key>,
    state: Option<State>,
    /// How the rows differ from the state. A change of the differing row repairs it.
    found: Option<Difference>,
    /// The rows that the change wrote.
    written: HashSet<RowId>,
    place: String,
}

impl<'a> Sealing<'a> {
    /// Begins a change. If it `writes`, the store's key must be available, if the store has one.
    pub(super) fn begin(
        transaction: &mut dyn Transaction,
        place: &str,
        keys: &'a mut Keyring,
        store: &'a str,
        writes: bool,
    ) -> Result<Self, StoreError> {
        let without_key =
            Self { store, key: None, state: None, found: None, written: HashSet::new(), place: place.to_owned() };
        let header = Header::read(transaction, place)?;
        keys.follow(&header)?;
        let keys: &Keyring = keys;
        let own = header.key.as_deref().and_then(|id| keys.find(id));
        let key = match (own, keys.present()) {
            (Some(key), _) => key,
            (None, None) if writes && header.key.is_some() => return Err(StoreError::NoKey),
            (None, None) => return Ok(without_key),
            (None, Some(_)) if header.key.is_some() && header::is_sealed(transaction)? => {
                let needed = header.key.unwrap_or_default();
                let refusal = StoreError::OtherKey { needed, given: keys.ids() };
                return if writes { Err(refusal) } else { Ok(without_key) };
            }
            // Nothing is sealed with another key, so the available key becomes the store's.
            (None, Some(key)) => {
                set_key(transaction, key)?;
                key
            }
        };
        let state = match header.state.as_deref().map(|text| State::open(keys, store, text)) {
            Some(Ok(state)) if state.is_of_first_format() => anew(transaction, place, &state, key, store)?,
            Some(Ok(state)) => Some(state),
            // A damaged state is kept as evidence.
            Some(Err(_)) if own.is_some() => None,
            _ => first(transaction, place, keys, key, store)?,
        };
        let digester = Digester::new(key, store);
        let found = match &state {
            Some(state) => state.difference(&digests(transaction, place, digester)?),
            None => None,
        };
        Ok(Self { key: Some(key), state, found, ..without_key })
    }

    /// Records that a row was added or written again, with this tag.
    pub(super) fn added(&mut self, row: RowId, version: i64, tag: &Value) {
        self.toggle(row, version, tag);
        self.written.insert(row);
    }

    /// Records that a row with this version and tag was removed, or is about to be written again.
    pub(super) fn removed(&mut self, row: RowId, version: i64, tag: &Value) {
        match (self.found, &mut self.state) {
            (Some(Difference::Other(other, stored)), Some(state)) if other == row => state.toggle(row, stored),
            (Some(Difference::Added(other)), _) if other == row => {}
            _ => self.toggle(row, version, tag),
        }
    }

    fn toggle(&mut self, row: RowId, version: i64, tag: &Value) {
        if let (Some(state), Some(key)) = (&mut self.state, self.key) {
            state.toggle(row, Digester::new(key, self.store).digest(row, version, tag));
        }
    }

    /// If this change wrote every existing row, the state is computed from these rows, whatever it was before.
    fn mend(&mut self, transaction: &mut dyn Transaction) -> Result<(), StoreError> {
        let Some(key) = self.key.filter(|_| !self.written.is_empty()) else { return Ok(()) };
        if super::rows::count(transaction, &self.place)? == self.written.len() {
            let changes = self.state.as_ref().map_or(0, |state| state.changes);
            let rows = digests(transaction, &self.place, Digester::new(key, self.store))?;
            self.state = Some(State::of(&rows, changes));
        }
        Ok(())
    }

    /// Ends the change: writes the new state of the store.
    pub(super) fn end(mut self, transaction: &mut dyn Transaction) -> Result<(), StoreError> {
        self.mend(transaction)?;
        let (Some(state), Some(key)) = (&mut self.state, self.key) else { return Ok(()) };
        state.changes = state.changes.saturating_add(1);
        set_state(transaction, state, key, self.store)
    }
}

/// Writes the store's state.
pub(super) fn set_state(
    transaction: &mut dyn Transaction,
    state: &State,
    key: &Key,
    store: &str,
) -> Result<(), StoreError> {
    transaction.rows("UPDATE store SET state = $1", vec![Some(state.seal(key, store)?)]).map(drop)
}

/// Seals a store without a state: every row that opens gets its tag. `None` if a row already has a tag, or had to have
/// one: the state was then removed by another program, and is not created again.
fn first(
    transaction: &mut dyn Transaction,
    place: &str,
    keys: &Keyring,
    key: &Key,
    store: &str,
) -> Result<Option<State>, StoreError> {
    if !keys.may_have_untagged_rows() || has_tags(transaction)? {
        return Ok(None);
    }
    let mut lines: Vec<Line> = Vec::new();
    let statement = format!("SELECT {} FROM connection c ORDER BY c.id", row::READ);
    transaction.each(&statement, Vec::new(), &mut |line| {
        let row = Row::read(&mut Columns::of(line, place))?;
        let id = row.id;
        // A row that does not open stays unchanged, and remains a problem.
        if let Some(sealed) = row.reseal(keys, key, store, &Integrity::Unsealed { key: true })? {
            lines.push(std::iter::once(Some(id.0.to_string())).chain(sealed).collect());
        }
        Ok(())
    })?;
    put(transaction, lines)?;
    let state = State::of(&digests(transaction, place, Digester::new(key, store))?, 0);
    set_state(transaction, &state, key, store)?;
    Ok(Some(state))
}

/// The state in the present format, if the rows match `state`, which an earlier version wrote. `None` if they do not.
fn anew(
    transaction: &mut dyn Transaction,
    place: &str,
    state: &State,
    key: &Key,
    store: &str,
) -> Result<Option<State>, StoreError> {
    if state.difference(&digests(transaction, place, Digester::of(state, key, store))?).is_some() {
        return Ok(None);
    }
    let rows = digests(transaction, place, Digester::new(key, store))?;
    Ok(Some(State::of(&rows, state.changes)))
}

/// Writes the values that [`Row::reseal`] returned to the rows with the numbers before them.
pub(super) fn put(transaction: &mut dyn Transaction, lines: Vec<Line>) -> Result<(), StoreError> {
    let put = over(transaction, lines, |table| {
        format!(
            "UPDATE connection SET password = v.column2, extra = v.column3, tag = v.column4 FROM {table} \
             WHERE connection.id = CAST(v.column1 AS BIGINT)"
        )
    });
    put.map(drop)
}
