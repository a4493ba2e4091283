//! Layer 3: connprobe's own database of definitions and of what their checks came to.
//!
//! Secrets (the password, and all of `extra`) are encrypted before they reach the database, every row is
//! authenticated as a whole, and what is said to be stored is on disk. Every call is one short transaction:
//! nothing stays locked while anything is probed. What stays in clear: names, types, descriptions, hosts,
//! databases, logins, ports, times, and what checks came to.
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
mod integrity;
mod key;
mod location;
mod postgres;
mod results;
mod rotation;
mod row;
mod seal;
mod sealing;
mod sqlite;
mod state;
mod stored;
mod tag;

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use self::database::{Columns, Database, Transaction};
pub use self::error::StoreError;
use self::header::Header;
use self::integrity::Integrity;
use self::key::Keyring;
pub use self::location::{Access, Location, Options};
use self::postgres::Postgres;
use self::row::Row;
use self::sealing::Sealing;
use self::sqlite::Sqlite;
use self::state::Difference;
pub use self::stored::{Change, Health, History, Remembered, RowId, Stored};
use crate::driver::Policy;
use crate::model::connection::Connection;
use crate::model::warning::Warning;

/// How many definitions a store may hold, and how many bytes they take at most, sealed: what comes of the
/// largest source.
const ROWS: usize = 100_000;
const BYTES: usize = 128 << 20;

/// A store that is open. Its calls block.
pub struct Store {
    database: Database,
    keys: Keyring,
    id: String,
    /// How the rows differed from the store's state when they were read last.
    found: Option<Difference>,
    /// What deserves attention in a store that has no row to say it of, when it was read last.
    warning: Option<Warning>,
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
        let mut store = Self::new(database, keys)?;
        store.seal()?;
        Ok(store)
    }

    /// Opens a store, and brings one of an earlier version up to date, with a copy kept beside it. The rows of
    /// such a store are sealed when it is first opened for writing with its key.
    ///
    /// # Errors
    ///
    /// Why it cannot be used.
    pub fn open(location: &Location, options: &Options, access: Access) -> Result<Self, StoreError> {
        let database = Self::database(location, options, access)?;
        let mut store = Self::new(database, Keyring::read(options.key_file.as_deref())?)?;
        if access == Access::Write {
            store.seal()?;
        }
        Ok(store)
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
        Ok(Self { database, keys, id, found: None, warning: None })
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
    /// Why the store cannot be read. A row that is not as it was stored, or a secret that cannot be decrypted,
    /// is a problem of its own definition only.
    pub fn definitions(&mut self) -> Result<Vec<Stored>, StoreError> {
        let place = self.database.place().to_owned();
        let Self { database, keys, id: store, found, warning } = self;
        database.read(|transaction| {
            let header = Header::read(transaction, &place)?;
            let integrity = Integrity::of(transaction, &header, keys, &place)?;
            *found = if let Integrity::Different(difference) = &integrity { Some(*difference) } else { None };
            let mut definitions = Vec::new();
            let columns = format!(", {}", results::READ);
            each_row(transaction, &place, &columns, results::JOIN, &mut |row, columns| {
                let [created_at, updated_at] = row.times(&place)?;
                let (id, version, failing) = (row.id, row.meta.version, row.meta.failing);
                let connection = Connection { id: Some(id.id()), ..row.open(keys, store, &integrity) };
                let history = results::read(columns)?;
                definitions.push(Stored { id, version, connection, failing, created_at, updated_at, history });
                Ok(())
            })?;
            *warning = if definitions.is_empty() { integrity.warning(false) } else { None };
            Ok(definitions)
        })
    }

    /// What [`Store::definitions`] found that deserves attention and that no row is there to say it of.
    #[must_use]
    pub fn warning(&self) -> Option<&Warning> {
        self.warning.as_ref()
    }

    /// Makes all of `changes` or none: removals first, then updates, then additions. Gives the
    /// definitions that they are about, in their order; what is given is on disk.
    ///
    /// # Errors
    ///
    /// [`StoreError::Changed`] when a definition is no longer what the change was made from,
    /// [`StoreError::Duplicate`], [`StoreError::NoKey`] and [`StoreError::OtherKey`] for anything but a removal
    /// in a store that has a key, [`StoreError::Unstorable`], [`StoreError::Full`], or why the store cannot be
    /// used.
    pub fn apply(&mut self, changes: &[Change<'_>]) -> Result<Vec<RowId>, StoreError> {
        let Self { database, keys, id: store, found, .. } = self;
        let place = database.place().to_owned();
        let writes = changes.iter().any(|change| change.connection().is_some());
        database.write(|transaction| {
            let mut sealing = Sealing::begin(transaction, &place, keys, store, writes, *found)?;
            let rows = changes::apply(transaction, changes, &mut sealing)?;
            if writes {
                refuse_too_much(transaction, &place)?;
            }
            sealing.end(transaction)?;
            Ok(rows)
        })
    }

    /// Seals the rows of a store that has no state yet, where its key is at hand.
    fn seal(&mut self) -> Result<(), StoreError> {
        let place = self.database.place().to_owned();
        let unsealed = self.database.read(|transaction| Ok(Header::read(transaction, &place)?.state.is_none()))?;
        if unsealed && self.keys.present().is_some() { self.apply(&[]).map(drop) } else { Ok(()) }
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

    /// Looks at everything: the file, every row and every secret.
    ///
    /// # Errors
    ///
    /// Why the store cannot be used at all. What is damaged is a fault of its health.
    pub fn check(&mut self) -> Result<Health, StoreError> {
        let place = self.database.place().to_owned();
        let mut health = Health { faults: self.database.faults()?, ..Health::default() };
        let Self { database, keys, id: store, .. } = self;
        let looked = database.read(|transaction| {
            let header = Header::read(transaction, &place)?;
            let integrity = Integrity::of(transaction, &header, keys, &place)?;
            health.key = header.key;
            health.changes = if let Integrity::Whole(changes) = integrity { Some(changes) } else { None };
            health.faults.extend(integrity.complaint());
            each_row(transaction, &place, "", "", &mut |row, _| {
                let (id, secrets) = (row.id, row.secrets());
                let problems = row.open(keys, store, &integrity).problems;
                health.connections += 1;
                health.secrets += if problems.is_empty() { secrets } else { 0 };
                health.faults.extend(problems.into_iter().map(|problem| format!("`{id}`: {}", problem.message)));
                Ok(())
            })
        });
        match looked {
            Err(StoreError::Damaged { reason, .. }) => health.faults.push(reason),
            looked => looked?,
        }
        Ok(health)
    }

    /// Copies the store as it is at one moment, what its log of changes holds included, into the file `target`,
    /// which is a store of its own under the same key. It has its name when it is whole. Gives how many
    /// definitions there are.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotHere`] for a store on a server, or why it cannot be read or written.
    pub fn backup(&mut self, target: &Path) -> Result<usize, StoreError> {
        self.database.backup(target)?;
        let options = Options { key_file: None, limit: Duration::from_secs(5), policy: Policy::default() };
        let mut copy = Database::Sqlite(Sqlite::open(target, &options, Access::Read)?);
        copy.read(|transaction| Ok(integrity::versions(transaction, &files::shown(target))?.len()))
    }

    /// Encrypts every secret under a new key, which then takes the place of the old one in the key
    /// file. Whoever opens the store meanwhile finds the new key beside the old one (`KEY_FILE.new`);
    /// a key that is there already is taken. When it is interrupted, calling it again goes on.
    ///
    /// `progress` is told at the beginning and after each batch how many definitions are done. Gives how many there were.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoKey`], [`StoreError::OtherKey`], [`StoreError::Unvouched`] (then nothing was changed),
    /// [`StoreError::Undecryptable`] (then both keys are kept), or why the store cannot be used.
    pub fn rotate_key(&mut self, progress: &mut dyn FnMut(usize)) -> Result<usize, StoreError> {
        self.seal()?;
        rotation::run(&mut self.database, &mut self.keys, &self.id, progress)
    }
}

/// Gives `take` every row, and with it those of the columns that `more` names.
fn each_row(
    transaction: &mut dyn Transaction,
    place: &str,
    more: &str,
    join: &str,
    take: &mut dyn FnMut(Row, &mut Columns<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let statement = format!("SELECT {}{more} FROM connection c {join} ORDER BY c.id", row::READ);
    let (mut rows, mut bytes) = (0, 0);
    transaction.each(&statement, Vec::new(), &mut |line| {
        let mut columns = Columns::of(line, place);
        let row = Row::read(&mut columns)?;
        (rows, bytes) = (rows + 1, bytes + row.size());
        within_bounds(rows, bytes, place)?;
        take(row, &mut columns)
    })
}

/// Refuses more rows, or more bytes, than a store may hold.
fn within_bounds(rows: usize, bytes: usize, place: &str) -> Result<(), StoreError> {
    if rows > ROWS || bytes > BYTES { Err(StoreError::Full { place: place.to_owned() }) } else { Ok(()) }
}

fn refuse_too_much(transaction: &mut dyn Transaction, place: &str) -> Result<(), StoreError> {
    let size = row::COLUMNS.split(", ").filter(|column| *column != "port");
    let size: Vec<String> = size.map(|column| format!("COALESCE(octet_length({column}), 0)")).collect();
    let statement =
        format!("SELECT CAST(count(*) AS TEXT), CAST(COALESCE(sum({}), 0) AS TEXT) FROM connection", size.join(" + "));
    let line = transaction.rows(&statement, Vec::new())?.into_iter().next().unwrap_or_default();
    let mut columns = Columns::of(line, place);
    within_bounds(columns.need()?, columns.need()?, place)
}

/// The files that make up the store in the file `path`, whether or not they exist.
#[must_use]
pub fn files_of(path: &Path) -> Vec<PathBuf> {
    ["", "-wal", "-shm", "-journal"].iter().map(|suffix| files::beside(path, suffix)).collect()
}

/// The key file `path`, and the one that stands beside it while the key is rotated.
#[must_use]
pub fn files_of_key(path: &Path) -> [PathBuf; 2] {
    [path.to_owned(), files::beside(path, key::NEXT)]
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
