//! `Opened`: the store as the synchronous commands use it. Each call waits for the asynchronous one, and so does closing.

use std::path::Path;

use super::runtime;
use crate::model::os_error::in_words;
use crate::store::{Access, Change, Health, Location, Options, Remembered, RowId, Store, StoreError, Stored};

/// An open store.
pub(super) struct Opened(Option<Store>);

impl Opened {
    pub(super) fn create(location: &Location, options: &Options) -> Result<Self, StoreError> {
        wait(Store::create(location, options)).map(|store| Self(Some(store)))
    }

    pub(super) fn open(location: &Location, options: &Options, access: Access) -> Result<Self, StoreError> {
        wait(Store::open(location, options, access)).map(|store| Self(Some(store)))
    }

    pub(super) fn definitions(&mut self) -> Result<Vec<Stored>, StoreError> {
        wait(self.store()?.definitions())
    }

    pub(super) fn apply(&mut self, changes: Vec<Change>) -> Result<Vec<RowId>, StoreError> {
        wait(self.store()?.apply(changes))
    }

    pub(super) fn remember(&mut self, results: Vec<(RowId, Remembered)>) -> Result<(), StoreError> {
        wait(self.store()?.remember(results))
    }

    pub(super) fn check(&mut self) -> Result<Health, StoreError> {
        wait(self.store()?.check())
    }

    pub(super) fn backup(&mut self, target: &Path) -> Result<usize, StoreError> {
        wait(self.store()?.backup(target))
    }

    pub(super) fn rotate_key(&mut self) -> Result<usize, StoreError> {
        wait(self.store()?.rotate_key(|_done| {}))
    }

    /// The store, which is there until this is dropped.
    fn store(&mut self) -> Result<&mut Store, StoreError> {
        self.0.as_mut().ok_or_else(|| StoreError::Local { reason: "the store is closed".to_owned() })
    }
}

impl Drop for Opened {
    /// Closes the store before the command goes on, so that the process does not end before the file is closed.
    fn drop(&mut self) {
        if let Some(store) = self.0.take() {
            // There is a runtime, since the store was opened in it.
            let _closed = runtime::wait(store.close());
        }
    }
}

/// Waits for a call of a store.
fn wait<T>(call: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    runtime::wait(call).unwrap_or_else(|error| Err(StoreError::Local { reason: in_words(&error) }))
}
