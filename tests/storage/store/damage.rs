//! Files that are not a store, or not a usable one. Each is refused with its reason and a hint.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use connprobe::store::{Access, StoreError};
use rusqlite::Connection;

use crate::store::bench::{Bench, Store, add, definition};

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// The reason why the store cannot be opened, for reading or for writing; it must have a hint.
fn refusal(bench: &Bench) -> StoreError {
    let read = Store::open(&bench.location, &bench.options, Access::Read).err().expect("it is refused to readers");
    let write = Store::open(&bench.location, &bench.options, Access::Write).err().expect("it is refused to writers");
    assert_eq!(read.to_string(), write.to_string());
    assert!(read.hint().is_some_and(|hint| !hint.is_empty()), "{read}");
    read
}

/// A store with two definitions and an empty write-ahead log.
fn filled() -> Bench {
    let bench = Bench::sqlite();
    let (one, two) = (definition("one"), definition("two"));
    bench.create().apply(&[add(&one), add(&two)]).unwrap();
    assert!(!bench.file().with_extension("db-wal").exists());
    bench
}

#[test]
fn every_file_of_the_store_is_its_owners_alone() {
    let bench = Bench::sqlite();
    let mut store = bench.create();
    store.apply(&[add(&definition("one"))]).unwrap();
    let mut seen = Vec::new();
    for directory in ["data", "keys"].map(|name| bench.home().join(name)) {
        assert_eq!(directory.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        for entry in fs::read_dir(&directory).unwrap() {
            let entry = entry.unwrap();
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
            seen.push(entry.file_name().into_string().unwrap());
        }
    }
    seen.sort();
    assert_eq!(seen, ["connections.db", "connections.db-shm", "connections.db-wal", "store.key"]);
}

#[test]
fn what_others_may_use_is_refused_until_they_may_not() {
    type Refused = fn(&StoreError) -> bool;
    let cases: [(&str, u32, u32, Refused); 7] = [
        ("data/connections.db", 0o640, 0o600, |error| matches!(error, StoreError::Exposed { mode: 0o640, .. })),
        ("data/connections.db", 0o604, 0o600, |error| matches!(error, StoreError::Exposed { mode: 0o604, .. })),
        ("data/connections.db", 0o622, 0o600, |error| matches!(error, StoreError::Exposed { mode: 0o622, .. })),
        ("data", 0o777, 0o700, |error| matches!(error, StoreError::ExposedDirectory { mode: 0o777, .. })),
        ("data", 0o1777, 0o700, |error| matches!(error, StoreError::ExposedDirectory { mode: 0o1777, .. })),
        ("keys/store.key", 0o640, 0o600, |error| matches!(error, StoreError::Exposed { mode: 0o640, .. })),
        ("keys", 0o770, 0o700, |error| matches!(error, StoreError::ExposedDirectory { mode: 0o770, .. })),
    ];
    let bench = filled();
    for (name, bad, good, is_refusal) in cases {
        let path = bench.home().join(name);
        set_mode(&path, bad);
        let error = refusal(&bench);
        assert!(is_refusal(&error), "{name} {bad:o}: {error}");
        assert!(Store::create(&bench.location, &bench.options).is_err(), "{name} {bad:o}");
        set_mode(&path, good);
        assert_eq!(bench.definitions().len(), 2);
    }
}

#[test]
fn links_are_not_followed_and_other_owners_not_trusted() {
    let bench = filled();
    for path in [bench.file(), bench.key_file()] {
        let real = path.with_extension("real");
        fs::rename(&path, &real).unwrap();
        symlink(&real, &path).unwrap();
        let error = refusal(&bench);
        assert!(matches!(error, StoreError::Link { .. }), "{error}");
        fs::remove_file(&path).unwrap();
        fs::rename(&real, &path).unwrap();
        // Only root can give files away, so only root can test the check of the owner.
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(&path, Some(65_534), None).unwrap();
            let error = refusal(&bench);
            assert!(matches!(error, StoreError::Foreigner { owner: 65_534, .. }), "{error}");
            std::os::unix::fs::chown(&path, Some(0), None).unwrap();
        }
    }
    assert_eq!(bench.definitions().len(), 2);
    // A link to the directory is allowed: users choose places that way.
    let elsewhere = bench.home().join("elsewhere");
    fs::rename(bench.home().join("data"), &elsewhere).unwrap();
    symlink(&elsewhere, bench.home().join("data")).unwrap();
    assert_eq!(bench.definitions().len(), 2);
}

#[test]
fn what_is_no_store_is_left_as_it_is() {
    let bench = Bench::sqlite();
    assert!(matches!(refusal(&bench), StoreError::Missing { .. }));
    bench.create();
    let (file, own) = (bench.file(), fs::read(bench.file()).unwrap());
    let foreign = {
        let path = bench.home().join("foreign.db");
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch("CREATE TABLE store (id TEXT); PRAGMA application_id = 7;").unwrap();
        drop(connection);
        fs::read(path).unwrap()
    };
    let nameless = {
        let path = bench.home().join("nameless.db");
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch("CREATE TABLE connection (id TEXT); PRAGMA user_version = 2;").unwrap();
        drop(connection);
        fs::read(path).unwrap()
    };
    for content in [b"{\"a\": 1}".to_vec(), vec![0; 4096], foreign, nameless, own[..60].to_vec()] {
        fs::write(&file, &content).unwrap();
        let error = refusal(&bench);
        assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
        let error = Store::create(&bench.location, &bench.options).err().unwrap();
        assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
        assert_eq!(fs::read(&file).unwrap(), content);
    }
    fs::write(&file, "").unwrap();
    assert!(matches!(refusal(&bench), StoreError::Unfinished { .. }));
    bench.create();
    assert_eq!(bench.definitions().len(), 0);
}

#[test]
fn damage_is_found_and_named() {
    let bench = filled();
    let whole = fs::read(bench.file()).unwrap();
    let sealed = whole.windows(3).position(|window| window == b"v2:").unwrap();
    // The header of every page, and a secret.
    for place in (1..whole.len() / 4096).map(|page| page * 4096).chain([sealed + 40]) {
        let mut damaged = whole.clone();
        damaged[place..place + 8].fill(0xa5);
        fs::write(bench.file(), &damaged).unwrap();
        match Store::open(&bench.location, &bench.options, Access::Read).and_then(|mut store| store.check()) {
            Ok(health) => assert!(!health.faults.is_empty(), "byte {place}"),
            Err(StoreError::Damaged { .. }) => {}
            Err(error) => panic!("byte {place}: {error}"),
        }
    }
    fs::write(bench.file(), &whole[..whole.len() - 4096]).unwrap();
    let opened = Store::open(&bench.location, &bench.options, Access::Read).and_then(|mut store| store.check());
    assert!(opened.map_or(true, |health| !health.faults.is_empty()), "a page is missing");
    fs::write(bench.file(), &whole).unwrap();
    assert_eq!(bench.open().check().unwrap().faults, Vec::<String>::new());
}

#[test]
fn nothing_that_a_file_brings_along_is_run() {
    let bench = filled();
    let raw = Connection::open(bench.file()).unwrap();
    raw.execute_batch("CREATE TRIGGER evil AFTER INSERT ON connection BEGIN DELETE FROM connection; END").unwrap();
    drop(raw);
    bench.open().apply(&[add(&definition("three"))]).unwrap();
    assert_eq!(bench.definitions().len(), 3);
}

#[test]
fn a_writer_waits_for_another_but_not_for_ever() {
    let bench = filled();
    let other = Connection::open(bench.file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let impatient = connprobe::store::Options { limit: std::time::Duration::from_millis(200), ..bench.options.clone() };
    let mut store = Store::open(&bench.location, &impatient, Access::Write).unwrap();
    assert_eq!(store.definitions().unwrap().len(), 2, "readers do not wait");
    let error = store.apply(&[add(&definition("three"))]).unwrap_err();
    assert!(matches!(error, StoreError::Locked { .. }), "{error}");
    let waiting = std::thread::spawn({
        let mut store = bench.open();
        move || store.apply(&[add(&definition("three"))]).map(|ids| ids.len())
    });
    std::thread::sleep(std::time::Duration::from_millis(300));
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(waiting.join().unwrap().unwrap(), 1);
}
