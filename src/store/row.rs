//! `Row`: a definition as it is stored, its secrets sealed. Owns the order of the columns.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use zeroize::Zeroizing;

use super::database::{Columns, Line, Value};
use super::error::StoreError;
use super::key::{Key, Keyring};
use super::seal::{self, Field, Place, Plain, Unreadable};
use super::stored::RowId;
use crate::model::connection::{Connection, Problem};
use crate::model::extra::Extra;
use crate::model::secret::Secret;

/// The columns that a definition fills, in the order of [`Row::values`].
pub(super) const COLUMNS: &str =
    "conn_id, conn_type, description, host, schema, login, port, directory, password, extra";

/// The same as statements read them.
pub(super) const READ: &str = "CAST(c.id AS TEXT), c.uid, CAST(c.version AS TEXT), c.conn_id, c.conn_type, \
    c.description, c.host, c.schema, c.login, CAST(c.port AS TEXT), c.directory, c.password, c.extra";

/// The most that one definition may take, its secrets encrypted: what any server lets through in one row.
const LARGEST: usize = 768 << 10;

/// A definition as it is stored.
pub(super) struct Row {
    pub(super) id: RowId,
    /// Its own id, which secrets are bound to.
    pub(super) uid: String,
    pub(super) version: i64,
    /// The definition without its secrets.
    connection: Connection,
    password: Value,
    extra: Value,
}

impl Row {
    /// Takes the columns of [`READ`].
    pub(super) fn read(columns: &mut Columns<'_>) -> Result<Self, StoreError> {
        let id = RowId(columns.need()?);
        let (uid, version) = (columns.need()?, columns.need()?);
        let connection = Connection {
            conn_id: columns.next(),
            conn_type: columns.next(),
            description: columns.next(),
            host: columns.next(),
            schema: columns.next(),
            login: columns.next(),
            port: columns.parse()?,
            directory: columns.next().map(PathBuf::from),
            ..Connection::new(id.origin())
        };
        Ok(Self { id, uid, version, connection, password: columns.next(), extra: columns.next() })
    }

    /// The definition with its secrets; those that do not open are among its problems.
    pub(super) fn open(self, keys: &Keyring, store: &str) -> Connection {
        let password = self.secret(keys, store, Field::Password, |plain| {
            String::from_utf8(std::mem::take(plain)).ok().map(Secret::new)
        });
        let extra = self.secret(keys, store, Field::Extra, |plain| match serde_json::from_slice(plain) {
            Ok(Json::Object(object)) => Some(Extra::new(object)),
            _ => None,
        });
        let mut connection = self.connection;
        match password {
            Ok(password) => connection.password = password,
            Err(problem) => connection.problems.push(problem),
        }
        match extra {
            Ok(extra) => connection.extra = extra.unwrap_or_default(),
            Err(problem) => connection.problems.push(problem),
        }
        connection
    }

    /// What `read` makes of a secret that is stored.
    fn secret<T>(
        &self,
        keys: &Keyring,
        store: &str,
        field: Field,
        read: impl FnOnce(&mut Vec<u8>) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let Some(opened) = self.unseal(keys, store, field) else { return Ok(None) };
        let mut plain = opened.map_err(|error| problem(field, &error))?;
        read(&mut plain).map(Some).ok_or_else(|| problem(field, &Unreadable::Damaged))
    }

    /// The same secrets under `key`: the values of password and extra.
    pub(super) fn reseal(&self, keys: &Keyring, key: &Key, store: &str) -> Result<Option<[Value; 2]>, StoreError> {
        let place = self.place(store);
        let mut values = [None, None];
        for (value, field) in values.iter_mut().zip([Field::Password, Field::Extra]) {
            match self.unseal(keys, store, field) {
                Some(Ok(plain)) => *value = Some(seal::seal(key, &place, field, plain)?),
                Some(Err(_unreadable)) => return Ok(None),
                None => {}
            }
        }
        Ok(Some(values))
    }

    /// How many secrets it has.
    pub(super) fn secrets(&self) -> usize {
        [&self.password, &self.extra].into_iter().flatten().count()
    }

    fn unseal(&self, keys: &Keyring, store: &str, field: Field) -> Option<Result<Plain, Unreadable>> {
        let sealed = match field {
            Field::Password => self.password.as_deref()?,
            Field::Extra => self.extra.as_deref()?,
        };
        Some(seal::open(keys, &self.place(store), field, sealed))
    }

    fn place<'a>(&'a self, store: &'a str) -> Place<'a> {
        Place { store, row: &self.uid, connection: &self.connection }
    }
}

/// The columns of `v` that [`values`] made, from number `first` on, in the order of [`COLUMNS`].
pub(super) fn selected(first: usize) -> String {
    let column = |(number, name): (usize, &str)| match name {
        "port" => format!("CAST(v.column{number} AS INTEGER)"),
        _ => format!("v.column{number}"),
    };
    (first..).zip(COLUMNS.split(", ")).map(column).collect::<Vec<_>>().join(", ")
}

/// Whether a definition has anything that must be encrypted.
pub(super) fn has_secret(connection: &Connection) -> bool {
    connection.password().is_some() || !connection.extra.object().is_empty()
}

/// The values of [`COLUMNS`] for a definition; `key` is there if it has a secret.
pub(super) fn values(connection: &Connection, uid: &str, store: &str, key: Option<&Key>) -> Result<Line, StoreError> {
    let place = Place { store, row: uid, connection };
    let seal = |field: Field, plain: Option<Plain>| match (plain, key) {
        (Some(plain), Some(key)) => seal::seal(key, &place, field, plain).map(Some),
        (Some(_), None) => Err(StoreError::NoKey),
        (None, _) => Ok(None),
    };
    let directory = connection.directory.as_deref().and_then(|path| absolute(path)?.to_str().map(str::to_owned));
    let line = vec![
        connection.conn_id.clone(),
        connection.conn_type.clone(),
        connection.description.clone(),
        connection.host.clone(),
        connection.schema.clone(),
        connection.login.clone(),
        connection.port.map(|port| port.to_string()),
        directory,
        seal(Field::Password, connection.password().map(|secret| Plain::new(secret.expose().as_bytes().to_vec())))?,
        seal(Field::Extra, written(&connection.extra)?)?,
    ];
    check(&line, connection)?;
    Ok(line)
}

/// Refuses what one of the databases could not give back as it was.
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

/// Relative names would mean something else wherever the store is read.
pub(super) fn absolute(directory: &Path) -> Option<PathBuf> {
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    std::path::absolute(directory).ok()
}

fn written(extra: &Extra) -> Result<Option<Plain>, StoreError> {
    if extra.object().is_empty() {
        return Ok(None);
    }
    let unwritable = |_| StoreError::Local { reason: "memory".to_owned() };
    // Measured first: what a growing buffer leaves behind would not be wiped.
    let mut size = Counter(0);
    serde_json::to_writer(&mut size, extra.object()).map_err(unwritable)?;
    let mut plain = Zeroizing::new(Vec::with_capacity(size.0));
    serde_json::to_writer(&mut *plain, extra.object()).map_err(unwritable)?;
    Ok(Some(plain))
}

/// Counts what is written to it.
struct Counter(usize);

impl std::io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn problem(field: Field, error: &Unreadable) -> Problem {
    let field = field.as_str();
    match error {
        Unreadable::NoKey => Problem::secret(format!("`{field}` is encrypted, and there is no key to read it"))
            .hint("name the key file of the store with --key-file or CONNPROBE_KEY_FILE"),
        Unreadable::OtherKey(id) => {
            Problem::secret(format!("`{field}` is encrypted under the key `{id}`, which is not the one at hand"))
                .hint("name the file of that key with --key-file or CONNPROBE_KEY_FILE")
        }
        Unreadable::Damaged => Problem::secret(format!(
            "`{field}` cannot be decrypted: it is damaged, or its row was changed by something else than connprobe"
        ))
        .hint("bring back a copy of the store, or enter the definition anew"),
    }
}
