//! A location for one store and its key, and definitions to store there.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use connprobe::driver::Policy;
use connprobe::model::connection::{Connection, Origin};
use connprobe::model::extra::Extra;
use connprobe::model::secret::Secret;
use connprobe::model::warning::Warning;
use connprobe::store::{self, Access, Change, Health, Location, Options, Remembered, RowId, StoreError, Stored};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::postgres::{administrator, sql};
use crate::waiting::wait;

/// The value of every secret, which must never be shown.
pub const CANARY: &str = "CANARY-hunter2";

/// Declares each test twice: for a store in a file, and for one on a server.
macro_rules! on_both {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[test] fn $test() { super::$test(&crate::store::bench::Bench::sqlite()); })*
        }
        mod postgres {
            $(#[test] fn $test() { super::$test(&crate::store::bench::Bench::postgres()); })*
        }
    };
}
pub(crate) use on_both;

/// An open store, whose calls these tests wait for. It is closed when it is dropped.
pub struct Store(Option<store::Store>);

impl Store {
    pub fn create(location: &Location, options: &Options) -> Result<Self, StoreError> {
        wait(store::Store::create(location, options)).map(|store| Self(Some(store)))
    }

    pub fn open(location: &Location, options: &Options, access: Access) -> Result<Self, StoreError> {
        wait(store::Store::open(location, options, access)).map(|store| Self(Some(store)))
    }

    fn store(&mut self) -> &mut store::Store {
        self.0.as_mut().unwrap()
    }

    pub fn definitions(&mut self) -> Result<Vec<Stored>, StoreError> {
        wait(self.store().definitions())
    }

    pub fn warnings(&self) -> &[Warning] {
        self.0.as_ref().unwrap().warnings()
    }

    pub fn apply(&mut self, changes: &[Change]) -> Result<Vec<RowId>, StoreError> {
        wait(self.store().apply(changes.to_vec()))
    }

    pub fn remember(&mut self, results: &[(RowId, Remembered)]) -> Result<(), StoreError> {
        wait(self.store().remember(results.to_vec()))
    }

    pub fn check(&mut self) -> Result<Health, StoreError> {
        wait(self.store().check())
    }

    pub fn backup(&mut self, target: &Path) -> Result<usize, StoreError> {
        wait(self.store().backup(target))
    }

    pub fn rotate_key(&mut self, progress: impl FnMut(usize) + Send + 'static) -> Result<usize, StoreError> {
        wait(self.store().rotate_key(progress))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.0.take().into_iter().for_each(|store| wait(store.close()));
    }
}

/// The location of one store.
pub struct Bench {
    pub location: Location,
    pub options: Options,
    home: TempDir,
}

impl Bench {
    pub fn sqlite() -> Self {
        let home = tempfile::tempdir().unwrap();
        let location = Location::Sqlite(home.path().join("data/connections.db"));
        Self { location, options: options(Some(home.path().join("keys/store.key"))), home }
    }

    /// A separate database on the test server.
    pub fn postgres() -> Self {
        let home = tempfile::tempdir().unwrap();
        let name = format!("store{:016x}", RandomState::new().build_hasher().finish());
        sql(&administrator("postgres"), &format!("CREATE DATABASE {name} TEMPLATE template0"));
        let location = Location::Postgres(Arc::new(administrator(&name)));
        Self { location, options: options(Some(home.path().join("keys/store.key"))), home }
    }

    /// Runs `statement` directly in the database, without the store; returns the rows.
    pub fn sql(&self, statement: &str) -> Vec<Vec<Option<String>>> {
        match &self.location {
            Location::Postgres(connection) => sql(connection, &format!("SET search_path = connprobe; {statement}")),
            Location::Sqlite(path) => {
                let connection = rusqlite::Connection::open(path).unwrap();
                connection.busy_timeout(Duration::from_secs(5)).unwrap();
                let mut statement = connection.prepare(statement).unwrap();
                let columns = statement.column_count();
                let rows = statement.query_map([], |row| (0..columns).map(|column| row.get(column)).collect());
                rows.unwrap().collect::<Result<_, _>>().unwrap()
            }
        }
    }

    /// The store's file.
    pub fn file(&self) -> PathBuf {
        match &self.location {
            Location::Sqlite(path) => path.clone(),
            Location::Postgres(_) => panic!("the store is on a server"),
        }
    }

    pub fn key_file(&self) -> PathBuf {
        self.home.path().join("keys/store.key")
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Creates the store and its key.
    pub fn create(&self) -> Store {
        Store::create(&self.location, &self.options).unwrap()
    }

    pub fn open(&self) -> Store {
        Store::open(&self.location, &self.options, Access::Write).unwrap()
    }

    /// Opens the store without its key.
    pub fn open_without_key(&self) -> Store {
        Store::open(&self.location, &options(None), Access::Write).unwrap()
    }

    pub fn definitions(&self) -> Vec<Stored> {
        Store::open(&self.location, &self.options, Access::Read).unwrap().definitions().unwrap()
    }
}

/// The URL of a server, as `--store url-env:` reads it.
pub fn server_url(connection: &Connection) -> String {
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let password = connection.password().map_or("", Secret::expose);
    let (login, host, port) = (text(&connection.login), text(&connection.host), connection.port.unwrap_or(5432));
    format!("postgresql://{login}:{password}@{host}:{port}/{}?sslmode=require", text(&connection.schema))
}

pub fn options(key_file: Option<PathBuf>) -> Options {
    let (limit, policy) = (Duration::from_secs(10), Policy::default());
    Options { key_file, limit, until: None, policy, logins: Arc::default() }
}

/// A definition with a secret in each place that may hold one.
pub fn definition(conn_id: &str) -> Connection {
    let origin = Origin { source: "test".to_owned(), line: None, pointer: String::new(), occurrence: 0 };
    Connection {
        conn_id: Some(conn_id.to_owned()),
        conn_type: Some("postgres".to_owned()),
        description: Some("für Leute ☃".to_owned()),
        host: Some("db1.example".to_owned()),
        schema: Some("sales".to_owned()),
        login: Some("etl".to_owned()),
        password: Some(Secret::new(format!("{CANARY}-{conn_id}"))),
        port: Some(5432),
        extra: extra(json!({"sslmode": "require", "sslpassword": CANARY, "deep": {"list": [1, 2.5, null, "x"]}})),
        ..Connection::new(origin)
    }
}

/// A definition without any secret.
pub fn open_definition(conn_id: &str) -> Connection {
    Connection { password: None, extra: Extra::default(), ..definition(conn_id) }
}

pub fn extra(object: Value) -> Extra {
    match object {
        Value::Object(object) => Extra::new(object),
        other => panic!("not an object: {other}"),
    }
}

pub fn add(connection: &Connection) -> Change {
    Change::Add { connection: connection.clone().into(), failing: false, unique: true }
}

/// The whole content of a definition, for comparison.
pub fn whole(connection: &Connection) -> Value {
    json!({
        "conn_id": connection.conn_id, "conn_type": connection.conn_type, "description": connection.description,
        "host": connection.host, "schema": connection.schema, "login": connection.login, "port": connection.port,
        "password": connection.password().map(Secret::expose), "extra": connection.extra.object(),
    })
}
