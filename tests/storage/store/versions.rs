//! A store of every earlier version opens and becomes one of the current version, and its secrets open with the key
//! beside it. A store of a later version is not touched.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use connprobe::model::warning::WarningCode;
use connprobe::store::{Access, Change, Location, StoreError, Stored};

use crate::store::bench::{Bench, Store, add, definition, on_both, whole};

on_both!(
    a_store_of_each_version_becomes_one_of_today,
    what_an_earlier_version_wrote_is_sealed_once,
    a_seal_over_versions_alone_becomes_one_over_rows,
    a_store_of_a_later_version_is_refused,
);

/// All versions.
const VERSIONS: [u32; 3] = [1, 2, 3];
/// The first version whose rows have tags.
const TAGGED: u32 = 3;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/store").join(name)
}

/// Copies a fixture to a private place.
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
        // Readers migrate it as well.
        let stored = bench.definitions();
        assert_eq!(stored.len(), 2, "version {version}");
        assert_eq!(whole(&stored[0].connection), whole(&definition("one")));
        assert_eq!(stored[1].connection.conn_id.as_deref(), Some("two"));
        assert!(stored.iter().all(|stored| stored.connection.problems.is_empty() && !stored.failing));
        let unverified =
            |stored: &Stored| stored.connection.warnings.iter().any(|one| one.code == WarningCode::StoreUnverified);
        assert!(stored.iter().all(|stored| unverified(stored) == (version < TAGGED)), "version {version}");
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

/// After that, nothing without a tag is accepted, although the old secrets could still be copied.
fn what_an_earlier_version_wrote_is_sealed_once(bench: &Bench) {
    put_store(bench, TAGGED - 1);
    let before = bench.definitions();
    let old = bench.sql("SELECT password, extra FROM connection WHERE conn_id = 'one'").remove(0);
    assert!(old.iter().flatten().all(|secret| secret.starts_with("v1:")), "of the version before");
    let mut store = bench.open();
    let untagged = "SELECT CAST(count(*) AS TEXT) FROM connection \
        WHERE tag IS NULL OR password NOT LIKE 'v2:%' OR extra NOT LIKE 'v2:%'";
    assert_eq!(bench.sql(untagged)[0][0].as_deref(), Some("0"));
    let after = bench.definitions();
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(whole(&before.connection), whole(&after.connection));
        assert!(after.connection.problems.is_empty() && after.connection.warnings.is_empty());
        assert_eq!((before.version, before.updated_at), (after.version, after.updated_at), "it is no change");
    }
    assert_eq!((store.check().unwrap().faults, store.check().unwrap().changes), (Vec::new(), Some(1)));
    let [password, extra] = [0, 1].map(|column| old[column].clone().unwrap());
    for tag in ["tag", "NULL"] {
        let set = format!("password = '{password}', extra = '{extra}', tag = {tag}");
        bench.sql(&format!("UPDATE connection SET {set} WHERE conn_id = 'one'"));
        let stored = bench.definitions();
        assert_eq!(stored[0].connection.problems.len(), 1, "{tag}");
        assert!(stored[0].connection.password().is_none() && stored[1].connection.problems.is_empty());
    }
    // A new key was never used without tags, so no old secret opens with it, even if all seals are removed.
    let one = definition("one");
    let (id, version) = (before[0].id, before[0].version);
    store.apply(&[Change::Update { id, version, connection: one.clone().into(), failing: false }]).unwrap();
    store.rotate_key(|_| ()).unwrap();
    bench.sql("UPDATE store SET state = NULL");
    bench
        .sql(&format!("UPDATE connection SET password = '{password}', extra = NULL, tag = NULL WHERE conn_id = 'one'"));
    bench.sql("DELETE FROM connection WHERE conn_id = 'two'");
    let stored = bench.definitions();
    assert!(stored[0].connection.password().is_none() && !stored[0].connection.problems.is_empty());
}

/// The first version with tags sealed only the versions of its rows.
fn a_seal_over_versions_alone_becomes_one_over_rows(bench: &Bench) {
    let state = || bench.sql("SELECT state FROM store").remove(0).remove(0).unwrap();
    put_store(bench, TAGGED);
    let before = state();
    assert!(before.starts_with("s1:"), "of the version before");
    assert!(bench.definitions().iter().all(|stored| stored.connection.problems.is_empty()));
    assert_eq!(state(), before, "readers change nothing");
    drop(Store::open(&bench.location, &bench.options, Access::Write).unwrap());
    assert!(state().starts_with("s2:"));
    let stored = bench.definitions();
    assert!(stored.iter().all(|stored| stored.connection.problems.is_empty() && stored.connection.warnings.is_empty()));
    assert_eq!(bench.open().check().unwrap().faults, Vec::<String>::new());
    // Rows that do not match the old seal are not sealed anew.
    put_store(bench, TAGGED);
    bench.sql("UPDATE connection SET version = version + 1 WHERE conn_id = 'two'");
    drop(Store::open(&bench.location, &bench.options, Access::Write).unwrap());
    assert_eq!(state(), before);
    assert!(bench.definitions().iter().all(|stored| !stored.connection.problems.is_empty()));
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

/// Two processes open an old store at the same time: one of them migrates it, and both go on.
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
