//! Layer 3: connprobe's own database of definitions and of what their checks came to.
//!
//! Secrets (the password, and all of `extra`) are encrypted before they reach the database, and what
//! is said to be stored is on disk. Every call is one short transaction: nothing stays locked while
//! anything is probed. What stays in clear: names, types, descriptions, hosts, databases, logins,
//! ports, times, and what checks came to.
//!
//! Knows nothing of where definitions come from, and probes nothing.

mod changes;
mod database;
pub mod difference;
mod error;
mod files;
#[cfg(any(fuzzing, test))]
pub mod fuzzing;
mod header;
mod key;
mod location;
mod postgres;
mod results;
mod rotation;
mod row;
mod seal;
mod sqlite;
mod stored;

use jiff::Timestamp;

use self::changes::Sealing;
use self::database::{Columns, Database, Line};
pub use self::error::StoreError;
use self::header::{Header, sealing_key};
use self::key::Keyring;
pub use self::location::{Access, Location, Options};
use self::postgres::Postgres;
use self::row::Row;
use self::sqlite::Sqlite;
pub use self::stored::{Change, Health, History, Remembered, RowId, Stored};

/// A store that is open. Its calls block.
pub struct Store {
    database: Database,
    keys: Keyring,
    id: String,
}

impl Store {
    /// Makes what is missing of the store, its directory and its key file, and opens it. A store and a
    /// key that are there stay as they are.
    ///
    /// # Errors
    ///
    /// Why it cannot be made; or [`StoreError::KeyMissing`] for a store that holds secrets and has lost
    /// its key.
    pub fn create(location: &Location, options: &Options) -> Result<Self, StoreError> {
        if let Some(file) = &options.key_file
            && files::open(file)?.is_none()
            && Self::holds_secrets(location, options)?
            // Whoever made the store meanwhile made its key before the first secret.
            && files::open(file)?.is_none()
        {
            return Err(StoreError::KeyMissing { file: files::shown(file) });
        }
        let keys = Keyring::read_or_create(options.key_file.as_deref())?;
        let header = || Header::new(&keys);
        let database = match location {
            Location::Sqlite(path) => Database::Sqlite(Sqlite::create(path, options, header)?),
            Location::Postgres(connection) => Database::Postgres(Postgres::create(connection, options, header)?),
        };
        Self::new(database, keys)
    }

    /// Opens a store, and brings one of an earlier version up to date, with a copy kept beside it.
    ///
    /// # Errors
    ///
    /// Why it cannot be used.
    pub fn open(location: &Location, options: &Options, access: Access) -> Result<Self, StoreError> {
        let database = Self::database(location, options, access)?;
        Self::new(database, Keyring::read(options.key_file.as_deref())?)
    }

    fn database(location: &Location, options: &Options, access: Access) -> Result<Database, StoreError> {
        Ok(match location {
            Location::Sqlite(path) => Database::Sqlite(Sqlite::open(path, options, access)?),
            Location::Postgres(connection) => Database::Postgres(Postgres::open(connection, options)?),
        })
    }

    fn new(mut database: Database, keys: Keyring) -> Result<Self, StoreError> {
        let place = database.place().to_owned();
        let id = database.read(|transaction| Header::read(transaction, &place))?.id;
        Ok(Self { database, keys, id })
    }

    fn holds_secrets(location: &Location, options: &Options) -> Result<bool, StoreError> {
        match Self::database(location, options, Access::Read) {
            Ok(mut database) => database.read(header::is_sealed),
            Err(StoreError::Missing { .. } | StoreError::Unfinished { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Every definition, in the order in which they were added, with what its checks came to.
    ///
    /// # Errors
    ///
    /// Why the store cannot be read. A secret that cannot be decrypted is a problem of its own
    /// definition only.
    pub fn definitions(&mut self) -> Result<Vec<Stored>, StoreError> {
        let place = self.database.place().to_owned();
        let lines = self.database.read(|transaction| {
            let statement = format!(
                "SELECT {}, CAST(c.failing AS TEXT), c.created_at, c.updated_at, {} FROM connection c {} ORDER BY c.id",
                row::READ,
                results::READ,
                results::JOIN
            );
            transaction.rows(&statement, Vec::new())
        })?;
        let definition = |line: Line| {
            let mut columns = Columns::of(line, &place);
            let row = Row::read(&mut columns)?;
            Ok(Stored {
                id: row.id,
                version: row.version,
                connection: row.open(&self.keys, &self.id),
                failing: columns.need::<u8>()? != 0,
                created_at: columns.need()?,
                updated_at: columns.need()?,
                history: results::read(&mut columns)?,
            })
        };
        lines.into_iter().map(definition).collect()
    }

    /// Makes all of `changes` or none: removals first, then updates, then additions. Gives the
    /// definitions that they are about, in their order; what is given is on disk.
    ///
    /// # Errors
    ///
    /// [`StoreError::Changed`] when a definition is no longer what the change was made from,
    /// [`StoreError::Duplicate`], [`StoreError::NoKey`], [`StoreError::OtherKey`],
    /// [`StoreError::Unstorable`], or why the store cannot be used.
    pub fn apply(&mut self, changes: &[Change<'_>]) -> Result<Vec<RowId>, StoreError> {
        let Self { database, keys, id: store } = self;
        let place = database.place().to_owned();
        database.write(|transaction| {
            let secret = changes.iter().filter_map(Change::connection).any(row::has_secret);
            let key = if secret { Some(sealing_key(transaction, &place, keys)?) } else { None };
            changes::apply(transaction, changes, &Sealing { store, key })
        })
    }

    /// Remembers what checks came to, of each definition the last few. Definitions that were removed
    /// meanwhile are passed over.
    ///
    /// # Errors
    ///
    /// Why the store cannot be used.
    pub fn remember(&mut self, results: &[(RowId, Remembered)]) -> Result<(), StoreError> {
        self.database.write(|transaction| results::remember(transaction, results))
    }

    /// Looks at everything: the file, and every secret.
    ///
    /// # Errors
    ///
    /// Why the store cannot be used at all. What is damaged is a fault of its health.
    pub fn check(&mut self) -> Result<Health, StoreError> {
        let place = self.database.place().to_owned();
        let mut health = Health { faults: self.database.faults()?, ..Health::default() };
        health.key = self.database.read(|transaction| Header::read(transaction, &place))?.key;
        let rows = match self.definitions_sealed() {
            Err(StoreError::Damaged { reason, .. }) => {
                health.faults.push(reason);
                return Ok(health);
            }
            rows => rows?,
        };
        for row in rows {
            let (id, secrets) = (row.id, row.secrets());
            let problems = row.open(&self.keys, &self.id).problems;
            health.connections += 1;
            health.secrets += secrets - problems.len();
            health.faults.extend(problems.into_iter().map(|problem| format!("`{id}`: {}", problem.message)));
        }
        Ok(health)
    }

    /// Encrypts every secret under a new key, which then takes the place of the old one in the key
    /// file. Whoever opens the store meanwhile finds the new key beside the old one (`KEY_FILE.new`);
    /// a key that is there already is taken. When it is interrupted, calling it again goes on.
    ///
    /// `progress` is told at the beginning and after each batch how many definitions are done. Gives how many there were.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoKey`], [`StoreError::OtherKey`], [`StoreError::Undecryptable`] (then both keys
    /// are kept), or why the store cannot be used.
    pub fn rotate_key(&mut self, progress: &mut dyn FnMut(usize)) -> Result<usize, StoreError> {
        rotation::run(&mut self.database, &mut self.keys, &self.id, progress)
    }

    fn definitions_sealed(&mut self) -> Result<Vec<Row>, StoreError> {
        let place = self.database.place().to_owned();
        let statement = format!("SELECT {} FROM connection c ORDER BY c.id", row::READ);
        let lines = self.database.read(|transaction| transaction.rows(&statement, Vec::new()))?;
        lines.into_iter().map(|line| Row::read(&mut Columns::of(line, &place))).collect()
    }
}

/// `timestamp` as it is stored: so that texts sort as times do.
fn written(timestamp: Timestamp) -> String {
    format!("{timestamp:.6}")
}

/// Fills `bytes` with random numbers.
fn random(bytes: &mut [u8]) -> Result<(), StoreError> {
    aws_lc_rs::rand::fill(bytes).map_err(|_| StoreError::Local { reason: "random numbers".to_owned() })
}

/// `N` random bytes in hexadecimal digits.
fn random_hex<const N: usize>() -> Result<String, StoreError> {
    let mut bytes = [0; N];
    random(&mut bytes)?;
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    Ok(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect())
}
