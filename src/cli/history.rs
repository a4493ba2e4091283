//! What the store keeps about its definitions: the results of their checks. The ledger keeps the accounts.

use std::sync::Arc;
use std::time::Duration;

use super::blocking_store::Opened;
use super::signals::Caught;
use super::{diagnostics, runtime};
use crate::clock;
use crate::driver::Registry;
use crate::engine;
use crate::engine::ledger::Ledger;
use crate::model::connection::Connection;
use crate::model::os_error::in_words;
use crate::model::result::CheckResult;
use crate::source::{self, Settings};
use crate::store::{Access, History, Remembered, RowId, StoreError, Stored};

/// The interval between looks for a signal.
const BEAT: Duration = Duration::from_millis(20);

/// What the store keeps about one of its definitions.
pub(super) struct Record {
    pub(super) row: RowId,
    pub(super) failing: bool,
    pub(super) history: Option<History>,
}

impl Record {
    /// The record of `stored`.
    pub(super) fn of(stored: &Stored) -> Self {
        let Stored { id, failing, history, .. } = stored;
        Self { row: *id, failing: *failing, history: history.clone() }
    }
}

/// Copies the refusals that the store of `settings` counted before there was a ledger into `ledger`, once for each
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
    // If it fails or is interrupted, the next run does it.
    let _done = runtime::wait(async {
        tokio::select! {
            () = ledger.take_over(&store, &refused) => {}
            () = interrupted => {}
        }
    });
}

/// Results that are to be written to the store.
#[derive(Default)]
pub(super) struct Memory(Vec<(RowId, Remembered)>);

impl Memory {
    /// Adds the parts of `result` that the store keeps. `row` is the row of its definition.
    pub(super) fn note(&mut self, row: RowId, result: &CheckResult) {
        self.0.extend(Remembered::of(result).map(|remembered| (row, remembered)));
    }

    /// Adds the result of a definition that was saved after its check. The time is set to now, so that the result
    /// counts for the saved definition.
    pub(super) fn note_saved(&mut self, row: RowId, result: &CheckResult) {
        let started_at = clock::now();
        self.0.extend(Remembered::of(result).map(|remembered| (row, Remembered { started_at, ..remembered })));
    }

    /// Writes the results, with `patience` as the time limit of each call. A failure is reported and has no other
    /// effect.
    pub(super) fn keep(self, settings: &Arc<Settings>, patience: Duration) {
        if self.0.is_empty() {
            return;
        }
        let location = runtime::wait(source::store_location(settings)).map_err(|error| in_words(&error));
        let location = location.and_then(|location| location.map_err(|error| error.to_string()));
        let written = location.and_then(|location| {
            let mut options = source::store_options(settings);
            options.limit = options.limit.min(patience);
            let store = Opened::open(&location, &options, Access::Write);
            store.and_then(|mut store| self.keep_in(&mut store)).map_err(|error| error.to_string())
        });
        if let Err(reason) = written {
            diagnostics::warning(format!("the results are not remembered: {reason}"));
        }
    }

    /// Writes the results to an open store.
    pub(super) fn keep_in(self, store: &mut Opened) -> Result<(), StoreError> {
        if self.0.is_empty() { Ok(()) } else { store.remember(self.0) }
    }
}
