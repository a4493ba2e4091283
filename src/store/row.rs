//! `Row`: a definition as it is stored, with sealed secrets and a tag over all of it. Owns the order of the columns.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::error::StoreError;
use super::integrity::{Fault, Integrity};
use super::key::{Key, Keyring};
use super::seal::{self, Accept, Field, Place, Plain, Unreadable};
use super::stored::RowId;
use super::tag;
use super::transaction::{Columns, Line, Value};
use crate::model::connection::Connection;
use crate::model::extra::Extra;
use crate::model::extra_text;
use crate::model::secret::Secret;

/// The columns that a definition fills, in the order of [`values`].
pub(super) const COLUMNS: &str =
    "conn_id, conn_type, description, host, schema, login, port, directory, password, extra";

/// The same as read by statements, with the columns of [`Meta`] and the tag.
pub(super) const READ: &str = "CAST(c.id AS TEXT), c.uid, CAST(c.version AS TEXT), CAST(c.failing AS TEXT), \
    c.created_at, c.updated_at, c.conn_id, c.conn_type, c.description, c.host, c.schema, c.login, \
    CAST(c.port AS TEXT), c.directory, c.password, c.extra, c.tag";

/// Positions in [`COLUMNS`].
const CONN_TYPE: usize = 1;
const HOST: usize = 3;
const PORT: usize = 6;
const PASSWORD: usize = 8;
const EXTRA: usize = 9;
const COUNT: usize = 10;

/// The maximum size of one definition with encrypted secrets, in bytes: every server accepts this much in one row.
const LARGEST: usize = 768 << 10;

/// A definition as it is stored.
pub(super) struct Row {
    pub(super) id: RowId,
    /// The store's own data about the row.
    pub(super) meta: Meta,
    /// The values of [`COLUMNS`].
    values: Line,
    pub(super) tag: Value,
    /// When it was added, and when it was last changed; `None` if a time is not in the form that connprobe writes.
    times: Option<[Timestamp; 2]>,
}

/// The store's own data about a row, besides its definition.
#[derive(Clone, Debug)]
pub(super) struct Meta {
    /// The row's own id, to which secrets are bound.
    pub(super) uid: String,
    pub(super) version: i64,
    pub(super) failing: bool,
    pub(super) created_at: String,
    pub(super) updated_at: String,
}

impl Row {
    /// Reads the columns of [`READ`].
    pub(super) fn read(columns: &mut Columns<'_>) -> Result<Self, StoreError> {
        let id = RowId(columns.need()?);
        let (uid, version) = (columns.need()?, columns.need()?);
        let failing: i64 = columns.need()?;
        let (created_at, updated_at): (String, String) = (columns.need()?, columns.need()?);
        let values = (0..COUNT).map(|_| columns.next()).collect();
        let times = match [&created_at, &updated_at].map(|time| time.parse()) {
            [Ok(created), Ok(updated)] if matches!(failing, 0 | 1) => Some([created, updated]),
            _ => None,
        };
        let meta = Meta { uid, version, failing: failing != 0, created_at, updated_at };
        Ok(Self { id, meta, values, tag: columns.next(), times })
    }

    /// When it was added, and when it was last changed; the epoch if the times are not in the form that connprobe
    /// writes.
    pub(super) fn times(&self) -> [Timestamp; 2] {
        self.times.unwrap_or_default()
    }

    /// The definition with its secrets. If anything is not as it was stored, that is a problem of the connection. If
    /// the row cannot be verified, no secret is opened.
    pub(super) fn open(self, keys: &Keyring, store: &str, integrity: &Integrity) -> Connection {
        let mut connection = Connection::new(self.id.origin());
        let faults = match self.verify(keys, store, integrity) {
            Ok(accept) => self.open_secrets(keys, store, accept, &mut connection),
            Err(faults) => faults,
        };
        connection.problems.extend(faults.into_iter().map(Fault::problem));
        connection.warnings.extend(integrity.warning(self.tag.is_some()));
        let mut values = self.values.into_iter();
        let mut next = || values.next().flatten();
        connection.conn_id = next();
        connection.conn_type = next();
        connection.description = next();
        connection.host = next();
        connection.schema = next();
        connection.login = next();
        match next().map(|port| port.parse()).transpose() {
            Ok(port) => connection.port = port,
            Err(_no_port) => connection.problems.push(Fault::Changed.problem()),
        }
        connection.directory = next().map(PathBuf::from);
        connection
    }

    /// Verifies that the row is as it was stored. Returns which secrets may be opened.
    fn verify(&self, keys: &Keyring, store: &str, integrity: &Integrity) -> Result<Accept, Vec<Fault>> {
        if self.times.is_none() {
            return Err(vec![Fault::Changed]);
        }
        let Some(tag) = &self.tag else {
            let secrets = [PASSWORD, EXTRA].into_iter().filter_map(|place| self.values[place].as_deref());
            let is_of_then = !integrity.is_sealed() && secrets.into_iter().all(seal::is_untagged);
            return if is_of_then { Ok(Accept::Untagged) } else { Err(vec![Fault::Untagged]) };
        };
        match self.verify_tag(keys, store, tag) {
            Ok(()) => integrity.fault(self.id).map_or(Ok(Accept::Tagged), |fault| Err(vec![fault])),
            Err(Unreadable::Damaged) => Err(vec![Fault::Changed]),
            // Secrets that cannot be verified are not opened either.
            Err(other) if self.secrets() > 0 => {
                let there = [Field::Password, Field::Extra].into_iter().filter(|field| self.sealed(*field).is_some());
                Err(there.map(|field| Fault::Secret(field, other.clone())).collect())
            }
            Err(Unreadable::OtherKey(id)) => Err(vec![Fault::OtherKey(id)]),
            Err(Unreadable::NoKey) => Err(vec![Fault::NoKey]),
        }
    }

    fn verify_tag(&self, keys: &Keyring, store: &str, tag: &str) -> Result<(), Unreadable> {
        self.meta.known(self.id, |known| tag::verify(keys, store, known, &self.values, tag))
    }

    fn open_secrets(&self, keys: &Keyring, store: &str, accept: Accept, connection: &mut Connection) -> Vec<Fault> {
        let password = self.secret(keys, store, accept, Field::Password, |plain| {
            String::from_utf8(std::mem::take(plain)).ok().map(Secret::new)
        });
        let extra = self.secret(keys, store, accept, Field::Extra, |plain| {
            let text = std::str::from_utf8(plain).ok()?;
            Some(Extra::stored(extra_text::object(text).ok()?, text))
        });
        let mut faults = Vec::new();
        match password {
            Ok(password) => connection.password = password,
            Err(error) => faults.push(Fault::Secret(Field::Password, error)),
        }
        match extra {
            Ok(extra) => connection.extra = extra.unwrap_or_default(),
            Err(error) => faults.push(Fault::Secret(Field::Extra, error)),
        }
        faults
    }

    /// Opens a stored secret and parses it with `read`.
    fn secret<T>(
        &self,
        keys: &Keyring,
        store: &str,
        accept: Accept,
        field: Field,
        read: impl FnOnce(&mut Vec<u8>) -> Option<T>,
    ) -> Result<Option<T>, Unreadable> {
        let Some(opened) = self.unseal(keys, store, accept, field) else { return Ok(None) };
        read(&mut *opened?).map(Some).ok_or(Unreadable::Damaged)
    }

    /// Seals the row with `key`. Returns the new values of password and extra, and the tag; `None` if the row is not as
    /// it was stored.
    pub(super) fn reseal(
        mut self,
        keys: &Keyring,
        key: &Key,
        store: &str,
        integrity: &Integrity,
    ) -> Result<Option<[Value; 3]>, StoreError> {
        let Ok(accept) = self.verify(keys, store, integrity) else { return Ok(None) };
        for field in [Field::Password, Field::Extra] {
            match self.unseal(keys, store, accept, field) {
                Some(Ok(plain)) => {
                    let sealed = seal::seal(key, &place(store, &self.meta.uid, &self.values), field, plain)?;
                    self.values[column(field)] = Some(sealed);
                }
                Some(Err(_unreadable)) => return Ok(None),
                None => {}
            }
        }
        let tag = self.meta.tag(key, store, self.id, &self.values);
        Ok(Some([self.values[PASSWORD].take(), self.values[EXTRA].take(), Some(tag)]))
    }

    /// The number of its secrets.
    pub(super) fn secrets(&self) -> usize {
        [Field::Password, Field::Extra].into_iter().filter(|field| self.sealed(*field).is_some()).count()
    }

    /// Whether it is sealed with the key with this id.
    pub(super) fn is_under(&self, key: &str) -> bool {
        self.tag.as_deref().is_some_and(|tag| tag.starts_with(&tag::prefix(key)))
    }

    /// The size of its values in bytes.
    pub(super) fn size(&self) -> usize {
        self.values.iter().flatten().map(String::len).sum()
    }

    fn sealed(&self, field: Field) -> Option<&str> {
        self.values[column(field)].as_deref()
    }

    fn unseal(&self, keys: &Keyring, store: &str, accept: Accept, field: Field) -> Option<Result<Plain, Unreadable>> {
        let sealed = self.sealed(field)?;
        Some(seal::open(keys, &place(store, &self.meta.uid, &self.values), field, sealed, accept))
    }
}

impl Meta {
    /// The tag of a row that has this number and these `values`.
    pub(super) fn tag(&self, key: &Key, store: &str, id: RowId, values: &[Value]) -> String {
        self.known(id, |known| tag::of(key, store, known, values))
    }

    /// Passes these data to `take`, in the form that the tag covers.
    fn known<T>(&self, id: RowId, take: impl FnOnce(&[&str]) -> T) -> T {
        let Self { uid, version, failing, created_at, updated_at } = self;
        let (id, version) = (id.0.to_string(), version.to_string());
        take(&[&id, uid, &version, if *failing { "1" } else { "0" }, created_at, updated_at])
    }
}

fn column(field: Field) -> usize {
    match field {
        Field::Password => PASSWORD,
        Field::Extra => EXTRA,
    }
}

/// The place to which the secrets of a row with these values are bound.
fn place<'a>(store: &'a str, row: &'a str, values: &'a [Value]) -> Place<'a> {
    Place { store, row, destination: [CONN_TYPE, HOST, PORT].map(|column| values[column].as_deref()) }
}

/// Selects the columns of `v` that [`values`] made, from number `first` on, in the order of [`COLUMNS`].
pub(super) fn selected(first: usize) -> String {
    let column = |(number, name): (usize, &str)| match name {
        "port" => format!("CAST(v.column{number} AS INTEGER)"),
        _ => format!("v.column{number}"),
    };
    (first..).zip(COLUMNS.split(", ")).map(column).collect::<Vec<_>>().join(", ")
}

/// The values of [`COLUMNS`] for a definition; a secret requires a `key`.
pub(super) fn values(connection: &Connection, uid: &str, store: &str, key: Option<&Key>) -> Result<Line, StoreError> {
    let directory = connection.directory.as_deref().and_then(|path| absolute(path)?.to_str().map(str::to_owned));
    let mut line = vec![
        connection.conn_id.clone(),
        connection.conn_type.clone(),
        connection.description.clone(),
        connection.host.clone(),
        connection.schema.clone(),
        connection.login.clone(),
        connection.port.map(|port| port.to_string()),
        directory,
        None,
        None,
    ];
    let password = connection.password().map(|secret| Plain::new(secret.expose().as_bytes().to_vec()));
    let extra = connection.extra.written().map(|text| Plain::new(text.as_bytes().to_vec()));
    for (field, plain) in [(Field::Password, password), (Field::Extra, extra)] {
        let Some(plain) = plain else { continue };
        let Some(key) = key else { return Err(StoreError::NoKey) };
        let sealed = seal::seal(key, &place(store, uid, &line), field, plain)?;
        line[column(field)] = Some(sealed);
    }
    check(&line, connection)?;
    Ok(line)
}

/// Refuses values that one of the databases could not return unchanged.
fn check(line: &Line, connection: &Connection) -> Result<(), StoreError> {
    let unstorable =
        |reason: &str| Err(StoreError::Unstorable { conn_id: connection.conn_id.clone(), reason: reason.to_owned() });
    if !connection.problems.is_empty() {
        return unstorable("it has problems of its own");
    }
    if line.iter().flatten().any(|value| value.contains('\0')) {
        return unstorable("a field has a NUL character in it");
    }
    if line.iter().flatten().map(String::len).sum::<usize>() > LARGEST {
        return unstorable("it takes more than 768 KiB");
    }
    Ok(())
}

/// `directory` as an absolute path, because a relative one would depend on where the store is read.
pub(super) fn absolute(directory: &Path) -> Option<PathBuf> {
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    std::path::absolute(directory).ok()
}

/// `timestamp` in its stored form, in which texts sort in the order of time.
pub(super) fn written(timestamp: Timestamp) -> String {
    format!("{timestamp:.6}")
}
