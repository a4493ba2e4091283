//! A store of every version that there ever was opens, and becomes one of today; its secrets open with
//! the key beside it. A store of a later version is left alone.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use connprobe::store::{Access, Location, Store, StoreError};

use crate::bench::{Bench, add, definition, on_both, whole};

on_both!(a_store_of_each_version_becomes_one_of_today, a_store_of_a_later_version_is_refused);

/// The versions that there are.
const VERSIONS: [u32; 2] = [1, 2];

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/store").join(name)
}

/// Copies a fixture to where private files must be.
fn put(name: &str, path: &PathBuf) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::set_permissions(path.parent().unwrap(), Permissions::from_mode(0o700)).unwrap();
    fs::copy(fixture(name), path).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
}

fn put_store(bench: &Bench, version: u32) {
    put("store.key", &bench.key_file());
    match &bench.location {
        Location::Sqlite(path) => put(&format!("v{version}.db"), path),
        Location::Postgres(_) => {
            bench.sql("DROP SCHEMA IF EXISTS connprobe CASCADE");
            bench.sql(&fs::read_to_string(fixture(&format!("v{version}.postgres.sql"))).unwrap());
        }
    }
}

fn a_store_of_each_version_becomes_one_of_today(bench: &Bench) {
    for version in VERSIONS {
        put_store(bench, version);
        // Readers bring it up to date as well.
        let stored = bench.definitions();
        assert_eq!(stored.len(), 2, "version {version}");
        assert_eq!(whole(&stored[0].connection), whole(&definition("one")));
        assert_eq!(stored[1].connection.conn_id.as_deref(), Some("two"));
        assert!(stored.iter().all(|stored| stored.connection.problems.is_empty() && !stored.failing));
        assert_eq!(stored[0].history.is_some(), version >= 2, "version {version}");
        let mut store = bench.open();
        assert_eq!(store.check().unwrap().faults, Vec::<String>::new());
        store.apply(&[add(&definition("three"))]).unwrap();
        assert_eq!(bench.definitions().len(), 3);
        if let (Location::Sqlite(path), 1) = (&bench.location, version) {
            let copy = path.with_extension("db.v1");
            assert_eq!(copy.metadata().unwrap().permissions().mode() & 0o777, 0o600);
            let copy = rusqlite::Connection::open(copy).unwrap();
            let kept: i64 = copy.query_row("SELECT count(*) FROM connection", [], |row| row.get(0)).unwrap();
            let version: i64 = copy.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
            assert_eq!((kept, version), (2, 1));
        }
        if let (Location::Postgres(_), 1) = (&bench.location, version) {
            assert_eq!(bench.sql("SELECT conn_id FROM connection_v1 ORDER BY id").len(), 2);
        }
    }
}

fn a_store_of_a_later_version_is_refused(bench: &Bench) {
    bench.create();
    match bench.location {
        Location::Sqlite(_) => bench.sql("PRAGMA user_version = 99"),
        Location::Postgres(_) => bench.sql("UPDATE store SET schema_version = 99"),
    };
    for access in [Access::Read, Access::Write] {
        let error = Store::open(&bench.location, &bench.options, access).err().unwrap();
        assert!(matches!(error, StoreError::Newer { found: 99, .. }), "{error}");
    }
    assert!(matches!(Store::create(&bench.location, &bench.options), Err(StoreError::Newer { .. })));
}

#[test]
fn every_version_has_its_fixture() {
    let bench = Bench::sqlite();
    bench.create();
    let today = VERSIONS[VERSIONS.len() - 1];
    let raw = rusqlite::Connection::open(bench.file()).unwrap();
    assert_eq!(raw.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0)).unwrap(), today);
    for version in VERSIONS {
        assert!(fixture(&format!("v{version}.db")).exists(), "{version}");
        assert!(fixture(&format!("v{version}.postgres.sql")).exists(), "{version}");
    }
}

/// Two processes that both find an old store: one of them migrates it, both go on.
#[test]
fn several_who_open_an_old_store_do_not_disturb_each_other() {
    let bench = Bench::sqlite();
    put_store(&bench, 1);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..8).map(|_| scope.spawn(|| bench.definitions().len())).collect();
        for reader in readers {
            assert_eq!(reader.join().unwrap(), 2);
        }
    });
}
