//! `Store`: an open store for an asynchronous caller. The store is on a thread of its own, which makes one call after the
//! other, and ends when the `Store` is dropped.

use std::path::Path;
use std::sync::mpsc::{Sender, channel};

use tokio::sync::oneshot;

use super::error::StoreError;
use super::location::{Access, Location, Options};
use super::opened::Opened;
use super::stored::{Change, Health, Remembered, RowId, Stored};
use crate::beside::{Caller, CallersRuntime, callers_runtime};
use crate::model::os_error::in_words;
use crate::model::warning::Warning;
use crate::threads;

/// A call, as the thread of the store makes it.
type Call = Box<dyn FnOnce(&mut Opened) + Send>;

/// A store that is open.
///
/// Its calls are made in the tokio runtime that the store was opened in, with I/O and time: that runtime drives the
/// dialogue with a server. SQLite and the encryption run on a thread of the store, so no call holds a task of the caller.
/// The calls of one store wait for each other; a program may open a store several times.
///
/// A call whose future is dropped is still made to its end, unless the thread has not begun it. If the whole `Store` is
/// dropped, a call on a server breaks off, and the server rolls its transaction back, unless it has been told to commit.
/// A transaction in a file runs to its end. The thread then closes the file; [`Store::close`] waits for that.
pub struct Store {
    calls: Sender<Call>,
    warnings: Vec<Warning>,
    /// Its sender is dropped when the thread has closed the store.
    closed: oneshot::Receiver<()>,
    caller: Caller,
}

impl Store {
    /// Creates what is missing of the store, its directory and its key file, and opens the store. An existing store and an
    /// existing key stay as they are.
    ///
    /// # Errors
    ///
    /// Why the store cannot be created; [`StoreError::KeyMissing`] for a store that holds secrets and has lost its key.
    ///
    /// # Panics
    ///
    /// If it is called outside of a tokio runtime, or in one without I/O and time.
    pub async fn create(location: &Location, options: &Options) -> Result<Self, StoreError> {
        let (location, options) = (location.clone(), options.clone());
        Self::begin(move |runtime| Opened::create(&location, &options, runtime)).await
    }

    /// Opens a store, and migrates a store of an earlier version, of which a copy is kept. The rows of such a store are
    /// sealed when the store is first opened for writing with its key.
    ///
    /// # Errors
    ///
    /// Why the store cannot be used.
    ///
    /// # Panics
    ///
    /// If it is called outside of a tokio runtime, or in one without I/O and time.
    pub async fn open(location: &Location, options: &Options, access: Access) -> Result<Self, StoreError> {
        let (location, options) = (location.clone(), options.clone());
        Self::begin(move |runtime| Opened::open(&location, &options, access, runtime)).await
    }

    /// Starts the thread of a store, which opens the store with `open` and then makes its calls.
    async fn begin(
        open: impl FnOnce(&CallersRuntime) -> Result<Opened, StoreError> + Send + 'static,
    ) -> Result<Self, StoreError> {
        let (runtime, caller) = callers_runtime();
        let (calls, taken) = channel::<Call>();
        let (sender, opened) = oneshot::channel();
        let (closing, closed) = oneshot::channel();
        let run = move || {
            // It is declared before the store, so it is dropped after it.
            let _closing = closing;
            match open(&runtime) {
                Ok(mut store) => {
                    if sender.send(Ok(())).is_ok() {
                        for call in taken {
                            call(&mut store);
                        }
                    }
                }
                Err(error) => drop(sender.send(Err(error))),
            }
        };
        threads::spawn("store", run).map_err(|error| StoreError::Local { reason: in_words(&error) })?;
        opened.await.unwrap_or_else(|_panicked| Err(broken()))?;
        Ok(Self { calls, warnings: Vec::new(), closed, caller })
    }

    /// Makes a call on the thread of the store.
    async fn call<T: Send + 'static>(
        &self,
        call: impl FnOnce(&mut Opened) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (sender, done) = oneshot::channel();
        let on_thread = move |store: &mut Opened| {
            if !sender.is_closed() {
                drop(sender.send(call(store)));
            }
        };
        // If the thread has ended by a panic, the call is dropped here.
        drop(self.calls.send(Box::new(on_thread)));
        done.await.unwrap_or_else(|_panicked| Err(broken()))
    }

    /// Returns every definition with the results of its checks, in the order in which the definitions were added.
    ///
    /// # Errors
    ///
    /// Why the store cannot be read. If a row is not as it was stored, or a secret cannot be decrypted, that is a problem of
    /// this definition only. A result that cannot be read counts as no result.
    pub async fn definitions(&mut self) -> Result<Vec<Stored>, StoreError> {
        let read = self.call(|store| Ok((store.definitions()?, store.take_warnings()))).await;
        let (definitions, warnings) = read?;
        self.warnings = warnings;
        Ok(definitions)
    }

    /// The warnings of the last [`Store::definitions`] that belong to no definition.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Makes all of `changes` or none: first the removals, then the updates, then the additions. Returns the definitions that
    /// the changes concern, in the order of the changes. When it returns, the changes are on disk.
    ///
    /// # Errors
    ///
    /// [`StoreError::Changed`] if a definition is no longer the one that the change was made from,
    /// [`StoreError::Duplicate`], [`StoreError::NoKey`] and [`StoreError::OtherKey`] for anything but a removal in a store
    /// that has a key, [`StoreError::Unstorable`], [`StoreError::Full`], or why the store cannot be used.
    pub async fn apply(&mut self, changes: Vec<Change>) -> Result<Vec<RowId>, StoreError> {
        self.call(move |store| store.apply(&changes)).await
    }

    /// Stores results of checks, of which the last few of each definition are kept. Results of definitions that were removed
    /// meanwhile are ignored.
    ///
    /// # Errors
    ///
    /// Why the store cannot be used.
    pub async fn remember(&mut self, results: Vec<(RowId, Remembered)>) -> Result<(), StoreError> {
        self.call(move |store| store.remember(&results)).await
    }

    /// Checks the file, every row and every secret.
    ///
    /// # Errors
    ///
    /// Why the store cannot be used at all. Damage is a fault in the returned health.
    pub async fn check(&mut self) -> Result<Health, StoreError> {
        self.call(Opened::check).await
    }

    /// Copies the store as it is at one moment, including its log of changes, into the file `target`. The copy is a store of
    /// its own under the same key, and gets its name when it is whole. It replaces only an earlier copy of this store.
    /// Returns the number of definitions.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotHere`] for a store on a server, [`StoreError::NotACopy`], [`StoreError::Leftover`], or why a file
    /// cannot be read or written.
    pub async fn backup(&mut self, target: &Path) -> Result<usize, StoreError> {
        let target = target.to_owned();
        self.call(move |store| store.backup(&target)).await
    }

    /// Encrypts every secret with a new key, which then replaces the old one in the key file. Meanwhile the new key is beside
    /// the old one (`KEY_FILE.new`), where other processes find it; a key that is already there is used. An interrupted
    /// rotation is continued by calling this again.
    ///
    /// The thread of the store calls `progress` at the beginning and after each batch with the number of definitions that are
    /// done. Returns their number.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoKey`], [`StoreError::OtherKey`], [`StoreError::NotNextKey`], [`StoreError::Unvouched`] (then nothing
    /// was changed), [`StoreError::Undecryptable`] (then both keys are kept), or why the store cannot be used.
    pub async fn rotate_key(&mut self, mut progress: impl FnMut(usize) + Send + 'static) -> Result<usize, StoreError> {
        self.call(move |store| store.rotate_key(&mut progress)).await
    }

    /// Closes the store, and waits until its file is closed. Only then SQLite has moved its log of changes into the file.
    pub async fn close(self) {
        let Self { calls, closed, caller, .. } = self;
        drop(calls);
        // Nothing is ever sent.
        let _closed = closed.await;
        drop(caller);
    }
}

/// The error of a call that panicked, or that came after one.
fn broken() -> StoreError {
    StoreError::Local { reason: "its thread broke off, which is a bug: please report it".to_owned() }
}
