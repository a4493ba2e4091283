//! What the store remembers of its definitions: the results of their checks. Accounts are the ledger's.

use std::time::Duration;

use super::say;
use super::signals::Caught;
use crate::clock;
use crate::driver::Registry;
use crate::engine;
use crate::engine::ledger::Ledger;
use crate::model::connection::Connection;
use crate::model::result::CheckResult;
use crate::source::{self, Settings};
use crate::store::{Access, History, Remembered, RowId, Store, StoreError, Stored};

/// How often it is looked whether a signal has come.
const BEAT: Duration = Duration::from_millis(20);

/// What the store knows of one of its definitions.
pub(super) struct Record {
    pub(super) row: RowId,
    pub(super) failing: bool,
    pub(super) history: Option<History>,
}

impl Record {
    /// The record of `stored`, whose definition goes its own way.
    pub(super) fn of(stored: &Stored) -> Self {
        let Stored { id, failing, history, .. } = stored;
        Self { row: *id, failing: *failing, history: history.clone() }
    }
}

/// Gives `ledger` what the store of `settings` has counted itself, before there was a ledger; once for each
/// store. A signal ends it.
pub(super) fn take_over<'a>(
    ledger: &dyn Ledger,
    settings: &Settings,
    stored: impl Iterator<Item = (&'a Connection, Option<&'a History>)>,
    caught: Option<&Caught>,
) {
    let registry = Registry::builtin();
    let mut refused: Vec<_> = stored
        .filter_map(|(connection, history)| {
            let at = history.filter(|history| history.refusals > 0)?.last_refused?;
            Some((engine::login(connection, registry)?, at.into()))
        })
        .collect();
    refused.sort_by_key(|(_, at)| *at);
    let store = settings.store.clone().unwrap_or_default();
    let interrupted = async {
        while caught.is_none_or(|caught| caught.exit().is_none()) {
            tokio::time::sleep(BEAT).await;
        }
    };
    // Where it cannot be done now, the next run does it.
    let _done = super::blocking(async {
        tokio::select! {
            () = ledger.take_over(&store, &refused) => {}
            () = interrupted => {}
        }
    });
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
