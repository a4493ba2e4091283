//! `Database`: the store's database, which SQLite or PostgreSQL keeps. Nothing above it knows which of them does.

use std::path::Path;

#[cfg(not(all(feature = "store", feature = "postgres")))]
use super::absent::Absent as Postgres;
#[cfg(not(feature = "store"))]
use super::absent::Absent as Sqlite;
use super::error::StoreError;
#[cfg(all(feature = "store", feature = "postgres"))]
use super::postgres::Postgres;
#[cfg(feature = "store")]
use super::sqlite::Sqlite;
use super::transaction::Transaction;

/// The database that holds the store.
pub(super) enum Database {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Database {
    /// The name of its place in messages.
    pub(super) fn place(&self) -> &str {
        match self {
            Self::Sqlite(sqlite) => sqlite.place(),
            Self::Postgres(postgres) => postgres.place(),
        }
    }

    /// Reads one state of the store.
    pub(super) fn read<T>(
        &mut self,
        body: impl FnOnce(&mut dyn Transaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.read(body),
            Self::Postgres(postgres) => postgres.read(body),
        }
    }

    /// Changes the store, as the only writer at that time. When this returns, everything that `body` did is on disk, or
    /// nothing.
    pub(super) fn write<T>(
        &mut self,
        body: impl FnOnce(&mut dyn Transaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.write(body),
            Self::Postgres(postgres) => postgres.write(body),
        }
    }

    /// The faults that the database engine finds beneath the definitions.
    pub(super) fn faults(&mut self) -> Result<Vec<String>, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.faults(),
            // A server checks its own pages.
            Self::Postgres(_) => Ok(Vec::new()),
        }
    }

    /// Copies the store into the file `target`.
    pub(super) fn backup(&mut self, target: &Path) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.backup(target),
            Self::Postgres(postgres) => Err(StoreError::NotHere { place: postgres.place().to_owned() }),
        }
    }

    /// Removes overwritten content from the files beside the store, unless another process reads it at the moment.
    pub(super) fn sweep(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.sweep(),
            Self::Postgres(_) => Ok(()),
        }
    }
}
