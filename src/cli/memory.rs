//! What the store remembers of its definitions: who is left alone because of it, and what is added to it.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;

use super::say;
use crate::clock;
use crate::driver::Registry;
use crate::engine::{self, Past};
use crate::model::class::Status;
use crate::model::connection::Connection;
use crate::model::failure::Failure;
use crate::model::result::CheckResult;
use crate::source::{self, Settings};
use crate::store::{Access, History, Remembered, RowId, Store, StoreError, Stored};

/// What the store knows of one of its definitions.
pub(super) struct Record {
    pub(super) row: RowId,
    pub(super) failing: bool,
    pub(super) history: Option<History>,
    updated_at: Timestamp,
}

impl Record {
    /// The record of `stored`, whose definition goes its own way.
    pub(super) fn of(stored: &Stored) -> Self {
        let Stored { id, failing, updated_at, history, .. } = stored;
        Self { row: *id, failing: *failing, history: history.clone(), updated_at: *updated_at }
    }

    fn past(&self) -> Past {
        let Some(history) = &self.history else { return Past::none(self.updated_at) };
        Past {
            changed_at: self.updated_at,
            works: history.last.status == Status::Ok,
            refusals: history.refusals,
            refused_at: history.last_refused,
        }
    }
}

/// Which of `connections`, by id, are left alone for now, and why. Those without a record are new.
pub(super) fn withheld<'a>(
    connections: impl Iterator<Item = (&'a Connection, Option<&'a Record>)>,
    registry: &Registry,
) -> HashMap<String, Failure> {
    let now = clock::now();
    let past = |record: Option<&Record>| record.map_or_else(|| Past::none(now), Record::past);
    let past: Vec<_> = connections.map(|(connection, record)| (connection, past(record))).collect();
    engine::withheld(&past, registry, now)
}

/// Which of `connections`, that are not stored as they are, are left alone for now because of what is;
/// none by `force`.
pub(super) fn withheld_with(stored: &[Stored], connections: &[&Connection], force: bool) -> HashMap<String, Failure> {
    if force {
        return HashMap::new();
    }
    let records: Vec<Record> = stored.iter().map(Record::of).collect();
    let known = stored.iter().zip(&records).map(|(stored, record)| (&stored.connection, Some(record)));
    withheld(known.chain(connections.iter().map(|connection| (*connection, None))), Registry::builtin())
}

/// Results on their way into the store.
#[derive(Default)]
pub(super) struct Memory(Vec<(RowId, Remembered)>);

impl Memory {
    /// Takes what is worth remembering of `result`, the definition of which is `row`.
    pub(super) fn note(&mut self, row: RowId, result: &CheckResult) {
        self.0.extend(Remembered::of(result).map(|remembered| (row, remembered)));
    }

    /// The same for a definition that was saved just now, after its check: it counts as one of what is saved.
    pub(super) fn note_saved(&mut self, row: RowId, result: &CheckResult) {
        let started_at = clock::now();
        self.0.extend(Remembered::of(result).map(|remembered| (row, Remembered { started_at, ..remembered })));
    }

    /// Writes it down, with `patience` for each call at the most. That it fails is said, and changes nothing else.
    pub(super) fn keep(self, settings: &Settings, patience: Duration) {
        if self.0.is_empty() {
            return;
        }
        let written = source::store_location(settings).map_err(|error| error.to_string()).and_then(|location| {
            let mut options = source::store_options(settings);
            options.limit = options.limit.min(patience);
            let store = Store::open(&location, &options, Access::Write);
            store.and_then(|mut store| self.keep_in(&mut store)).map_err(|error| error.to_string())
        });
        if let Err(reason) = written {
            say::warning(format!("the results are not remembered: {reason}"));
        }
    }

    /// Writes it down in a store that is open.
    pub(super) fn keep_in(&self, store: &mut Store) -> Result<(), StoreError> {
        if self.0.is_empty() { Ok(()) } else { store.remember(&self.0) }
    }
}
