//! `Opened`: an open store on its own thread. Each call is one short transaction, and blocks.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

#[cfg(not(all(feature = "store", feature = "postgres")))]
use super::absent::Absent as Postgres;
#[cfg(not(feature = "store"))]
use super::absent::Absent as Sqlite;
use super::database::Database;
use super::error::StoreError;
use super::header::{self, Header};
use super::integrity::Integrity;
use super::key::Keyring;
use super::location::{Access, Location, Options, Server};
#[cfg(all(feature = "store", feature = "postgres"))]
use super::postgres::Postgres;
use super::rows::{each_row, refuse_too_much};
use super::sealing::Sealing;
#[cfg(feature = "store")]
use super::sqlite::Sqlite;
use super::state::State;
use super::stored::{Change, Health, Remembered, Rotation, RowId, Stored};
use super::{changes, files, results, rotation, rows};
use crate::beside::CallersRuntime;
use crate::driver::Policy;
use crate::model::connection::{Connection, Problem};
use crate::model::reason::ReasonCode;
use crate::model::warning::Warning;

/// An open store. Its calls block.
pub(crate) struct Opened {
    database: Database,
    keys: Keyring,
    id: String,
    /// The warnings of the last reading that belong to no row.
    warnings: Vec<Warning>,
}

impl Opened {
    /// See [`Store::create`](super::Store::create).
    pub(super) fn create(location: &Location, options: &Options, runtime: &CallersRuntime) -> Result<Self, StoreError> {
        if let Some(file) = &options.key_file
            && files::open(file)?.is_none()
            && Self::holds_secrets(location, options, runtime)?
            // Another process that has created the store meanwhile created its key before the first secret.
            && files::open(file)?.is_none()
        {
            return Err(StoreError::KeyMissing { file: files::shown(file) });
        }
        let keys = Keyring::read_or_create(options.key_file.as_deref())?;
        let header = || Header::new(&keys);
        let database = match location {
            Location::Sqlite(path) => Database::Sqlite(Sqlite::create(path, options, header)?),
            Location::Postgres(connection) => {
                Database::Postgres(Postgres::create(&server(connection, runtime), options, header)?)
            }
        };
        let mut store = Self::new(database, keys)?;
        store.seal()?;
        Ok(store)
    }

    /// See [`Store::open`](super::Store::open).
    pub(crate) fn open(
        location: &Location,
        options: &Options,
        access: Access,
        runtime: &CallersRuntime,
    ) -> Result<Self, StoreError> {
        let database = Self::database(location, options, access, runtime)?;
        let mut store = Self::new(database, Keyring::read(options.key_file.as_deref())?)?;
        if access == Access::Write {
            store.seal()?;
        }
        Ok(store)
    }

    fn database(
        location: &Location,
        options: &Options,
        access: Access,
        runtime: &CallersRuntime,
    ) -> Result<Database, StoreError> {
        Ok(match location {
            Location::Sqlite(path) => Database::Sqlite(Sqlite::open(path, options, access)?),
            Location::Postgres(connection) => {
                Database::Postgres(Postgres::open(&server(connection, runtime), options, access)?)
            }
        })
    }

    fn new(mut database: Database, keys: Keyring) -> Result<Self, StoreError> {
        let place = database.place().to_owned();
        let id = database.read(|transaction| Header::read(transaction, &place))?.id;
        Ok(Self { database, keys, id, warnings: Vec::new() })
    }

    fn holds_secrets(location: &Location, options: &Options, runtime: &CallersRuntime) -> Result<bool, StoreError> {
        match Self::database(location, options, Access::Read, runtime) {
            Ok(mut database) => database.read(header::is_sealed),
            Err(StoreError::Missing { .. } | StoreError::Unfinished { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// See [`Store::definitions`](super::Store::definitions).
    pub(crate) fn definitions(&mut self) -> Result<Vec<Stored>, StoreError> {
        let place = self.database.place().to_owned();
        let Self { database, keys, id: store, warnings } = self;
        database.read(|transaction| {
            let header = Header::read(transaction, &place)?;
            keys.follow(&header)?;
            let integrity = Integrity::of(transaction, &header, keys, &place)?;
            let (mut definitions, mut unreadable) = (Vec::new(), 0);
            let columns = format!(", {}", results::READ);
            each_row(transaction, &place, &columns, results::JOIN, &mut |row, columns| {
                let [created_at, updated_at] = row.times();
                let (id, version, failing) = (row.id, row.meta.version, row.meta.failing);
                let connection = Connection { id: Some(id.id()), ..row.open(keys, store, &integrity) };
                let history = results::read(columns).unwrap_or_else(|_no_result| {
                    unreadable += 1;
                    None
                });
                definitions.push(Stored { id, version, connection, failing, created_at, updated_at, history });
                Ok(())
            })?;
            *warnings = integrity.warning(false).filter(|_| definitions.is_empty()).into_iter().collect();
            warnings.extend((unreadable > 0).then(|| results::warning(unreadable)));
            Ok(definitions)
        })
    }

    /// The warnings of the last [`Opened::definitions`] that belong to no row.
    pub(crate) fn take_warnings(&mut self) -> Vec<Warning> {
        std::mem::take(&mut self.warnings)
    }

    /// See [`Store::apply`](super::Store::apply).
    pub(super) fn apply(&mut self, changes: &[Change]) -> Result<Vec<RowId>, StoreError> {
        let Self { database, keys, id: store, .. } = self;
        let place = database.place().to_owned();
        let writes = changes.iter().any(|change| change.connection().is_some());
        database.write(|transaction| {
            let mut sealing = Sealing::begin(transaction, &place, keys, store, writes)?;
            let rows = changes::apply(transaction, changes, &mut sealing)?;
            if writes {
                refuse_too_much(transaction, &place)?;
            }
            sealing.end(transaction)?;
            Ok(rows)
        })
    }

    /// Seals the rows of a store that has no state yet, if its key is at hand.
    fn seal(&mut self) -> Result<(), StoreError> {
        let place = self.database.place().to_owned();
        let state = self.database.read(|transaction| Ok(Header::read(transaction, &place)?.state))?;
        let unsealed = state.is_none_or(|text| State::is_text_of_first_format(&text));
        if unsealed && self.keys.present().is_some() { self.apply(&[]).map(drop) } else { Ok(()) }
    }

    /// See [`Store::remember`](super::Store::remember).
    pub(super) fn remember(&mut self, results: &[(RowId, Remembered)]) -> Result<(), StoreError> {
        self.database.write(|transaction| results::remember(transaction, results))
    }

    /// See [`Store::check`](super::Store::check).
    pub(super) fn check(&mut self) -> Result<Health, StoreError> {
        let place = self.database.place().to_owned();
        let mut health = Health { faults: self.database.faults()?, ..Health::default() };
        let Self { database, keys, id: store, .. } = self;
        let looked = database.read(|transaction| {
            let header = Header::read(transaction, &place)?;
            keys.follow(&header)?;
            let integrity = Integrity::of(transaction, &header, keys, &place)?;
            health.changes = if let Integrity::Whole(changes) = integrity { Some(changes) } else { None };
            health.faults.extend(integrity.complaint());
            health.for_want_of_key += usize::from(matches!(integrity, Integrity::Unverified(_)));
            health.rotation =
                keys.rotation(&header).map(|(from, to)| Rotation { from: from.to_owned(), to: to.to_owned(), left: 0 });
            health.key = header.key;
            each_row(transaction, &place, "", "", &mut |row, _| {
                let (id, secrets) = (row.id, row.secrets());
                if let Some(rotation) = health.rotation.as_mut().filter(|rotation| !row.is_under(&rotation.to)) {
                    rotation.left += 1;
                }
                let problems = row.open(keys, store, &integrity).problems;
                health.connections += 1;
                health.secrets += if problems.is_empty() { secrets } else { 0 };
                let want_of_key =
                    |problem: &&Problem| matches!(problem.reason, ReasonCode::KeyMissing | ReasonCode::KeyWrong);
                health.for_want_of_key += problems.iter().filter(want_of_key).count();
                health.faults.extend(problems.into_iter().map(|problem| format!("`{id}`: {}", problem.message)));
                Ok(())
            })?;
            health.faults.extend(results::complaints(transaction, &place)?);
            Ok(())
        });
        match looked {
            Err(StoreError::Damaged { reason, .. }) => health.faults.push(reason),
            looked => looked?,
        }
        Ok(health)
    }

    /// See [`Store::backup`](super::Store::backup).
    pub(super) fn backup(&mut self, target: &Path) -> Result<usize, StoreError> {
        self.database.backup(target)?;
        let options = Options {
            key_file: None,
            limit: Duration::from_secs(5),
            until: None,
            policy: Policy::default(),
            logins: Arc::default(),
        };
        let mut copy = Database::Sqlite(Sqlite::open(target, &options, Access::Read)?);
        copy.read(|transaction| rows::count(transaction, &files::shown(target)))
    }

    /// See [`Store::rotate_key`](super::Store::rotate_key).
    pub(super) fn rotate_key(&mut self, progress: &mut dyn FnMut(usize)) -> Result<usize, StoreError> {
        self.seal()?;
        rotation::run(&mut self.database, &mut self.keys, &self.id, progress)
    }
}

fn server(connection: &Arc<Connection>, runtime: &CallersRuntime) -> Server {
    Server { connection: Arc::clone(connection), runtime: runtime.clone() }
}
