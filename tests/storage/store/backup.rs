//! A copy of the store is complete, whatever its write-ahead log contains, and is independent of the store.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use connprobe::store::{Access, Location, StoreError};

use crate::store::bench::{Bench, Store, add, definition, open_definition, whole};

#[test]
fn a_copy_holds_what_was_acknowledged_and_opens_with_the_key() {
    let bench = Bench::sqlite();
    let mut store = bench.create();
    store.apply(&[add(&definition("one"))]).unwrap();
    store.apply(&[add(&open_definition("two"))]).unwrap();
    assert!(bench.file().with_extension("db-wal").metadata().unwrap().len() > 0, "the log holds changes");
    let copy = bench.home().join("data/copy.db");
    let mut reader = Store::open(&bench.location, &bench.options, Access::Read).unwrap();
    assert_eq!(reader.backup(&copy).unwrap(), 2);
    for number in 3..5 {
        // An existing copy is replaced.
        assert_eq!(store.backup(&copy).unwrap(), number - 1);
        store.apply(&[add(&definition(&format!("c{number}")))]).unwrap();
    }
    assert_eq!(copy.metadata().unwrap().permissions().mode() & 0o7777, 0o600);
    let mut copied = Store::open(&Location::Sqlite(copy), &bench.options, Access::Read).unwrap();
    let (copied_rows, rows) = (copied.definitions().unwrap(), store.definitions().unwrap());
    assert_eq!((copied_rows.len(), rows.len()), (3, 4));
    for (copied, row) in copied_rows.iter().zip(&rows) {
        assert_eq!((whole(&copied.connection), copied.version), (whole(&row.connection), row.version));
        assert!(copied.connection.problems.is_empty() && copied.connection.warnings.is_empty());
    }
    assert_eq!(copied.check().unwrap().faults, Vec::<String>::new());
}

#[test]
fn what_a_killed_process_left_beside_a_copy_does_not_come_back() {
    let bench = Bench::sqlite();
    let mut store = bench.create();
    store.apply(&[add(&definition("old"))]).unwrap();
    let copy = bench.home().join("data/copy.db");
    store.backup(&copy).unwrap();
    // The copy is used, and its changes stay in its write-ahead log.
    let of_copy = Location::Sqlite(copy.clone());
    let mut tried = Store::open(&of_copy, &bench.options, Access::Write).unwrap();
    tried.apply(&[add(&definition("tried"))]).unwrap();
    let left = ["-wal", "-shm"].map(|ending| bench.home().join(format!("data/copy.db{ending}")));
    let kept = left.each_ref().map(|file| fs::read(file).unwrap());
    drop(tried);
    for (file, bytes) in left.iter().zip(kept) {
        fs::write(file, bytes).unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
    }

    store.apply(&[add(&definition("new"))]).unwrap();
    // The backup waits for a reader of the old copy.
    let reader = rusqlite::Connection::open(&copy).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM connection").unwrap();
    let reads = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(300));
        drop(reader);
    });
    assert_eq!(store.backup(&copy).unwrap(), 2);
    reads.join().unwrap();
    assert!(left.iter().all(|file| !file.exists()));
    let rows = Store::open(&of_copy, &bench.options, Access::Read).unwrap().definitions().unwrap();
    let names: Vec<_> = rows.iter().filter_map(|row| row.connection.conn_id.as_deref()).collect();
    assert_eq!(names, ["old", "new"]);
}

#[test]
fn a_store_that_was_changed_since_is_no_earlier_copy_of_its_copy() {
    let bench = Bench::sqlite();
    let mut store = bench.create();
    store.apply(&[add(&definition("one"))]).unwrap();
    let copy = bench.home().join("data/copy.db");
    store.backup(&copy).unwrap();
    store.apply(&[add(&definition("two"))]).unwrap();
    drop(store);
    let of_copy = Location::Sqlite(copy.clone());
    let backup = || Store::open(&of_copy, &bench.options, Access::Write).unwrap().backup(&bench.file());
    let error = backup().unwrap_err();
    assert!(matches!(error, StoreError::NotEarlier { changes: 2, own: 1, .. }) && error.hint().is_some(), "{error:?}");
    assert_eq!(bench.open().definitions().unwrap().len(), 2);
    // The copy now has as many changes as the store, and nothing shows that it is not an exact copy.
    Store::open(&of_copy, &bench.options, Access::Write).unwrap().apply(&[add(&definition("three"))]).unwrap();
    assert_eq!(backup().unwrap(), 2);
}

#[test]
fn nothing_but_an_earlier_copy_of_the_store_makes_room() {
    type Refused = fn(&StoreError) -> bool;
    const OTHER: Refused = |error| matches!(error, StoreError::NotACopy { .. });
    const LEFT: Refused = |error| matches!(error, StoreError::Leftover { .. });
    let (bench, other) = (Bench::sqlite(), Bench::sqlite());
    let mut store = bench.create();
    store.apply(&[add(&definition("one"))]).unwrap();
    other.create().apply(&[add(&definition("two"))]).unwrap();
    let at = |name: &str| bench.home().join("data").join(name);
    let sqlite = rusqlite::Connection::open(at("sqlite")).unwrap();
    sqlite.execute_batch("CREATE TABLE t (x)").unwrap();
    drop(sqlite);
    fs::copy(other.file(), at("other")).unwrap();
    fs::hard_link(bench.file(), at("itself")).unwrap();
    for (name, text) in [
        ("text", "mine"),
        ("definitions", r#"{"a": {"conn_type": "mysql"}}"#),
        ("left-wal", "mine"),
        ("gone-journal", "mine"),
        ("draft.draft", "mine"),
        ("draft.0123456789abcdef.draft", "mine"),
        ("empty", ""),
    ] {
        fs::write(at(name), text).unwrap();
    }
    for entry in fs::read_dir(at("")).unwrap() {
        fs::set_permissions(entry.unwrap().path(), fs::Permissions::from_mode(0o600)).unwrap();
    }
    let cases: [(&str, Option<Refused>); 9] = [
        ("text", Some(OTHER)),
        ("definitions", Some(OTHER)),
        ("sqlite", Some(OTHER)),
        ("other", Some(OTHER)),
        ("itself", Some(OTHER)),
        ("left", Some(LEFT)),
        ("gone", Some(LEFT)),
        ("draft", None),
        ("empty", None),
    ];
    // The files that SQLite keeps beside the store change whenever it is read.
    let files = || {
        let entries = fs::read_dir(at("")).unwrap().map(|entry| entry.unwrap().path());
        let others = entries.filter(|path| !path.to_string_lossy().contains("connections.db-"));
        others.map(|path| (path.clone(), fs::read(path).unwrap())).collect::<std::collections::BTreeMap<_, _>>()
    };
    for (name, refused) in cases {
        let before = files();
        match (store.backup(&at(name)), refused) {
            (Ok(copied), None) => assert_eq!(copied, 1, "{name}"),
            (Err(error), Some(is_it)) => {
                assert!(is_it(&error) && error.hint().is_some(), "{name}: {error}");
                assert!(files() == before, "{name}: {:?}", files().keys());
            }
            (done, _) => panic!("{name}: {done:?}"),
        }
    }
    assert_eq!(fs::read_to_string(at("draft.draft")).unwrap(), "mine");
    assert_eq!(fs::read_to_string(at("draft.0123456789abcdef.draft")).unwrap(), "mine");
}

#[test]
fn copies_to_one_file_at_once_leave_one_that_is_whole_and_private() {
    let bench = Bench::sqlite();
    let definitions: Vec<_> = (0..500).map(|number| definition(&format!("c{number}"))).collect();
    bench.create().apply(&definitions.iter().map(add).collect::<Vec<_>>()).unwrap();
    let copy = bench.home().join("data/copy.db");
    for _ in 0..4 {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut store = Store::open(&bench.location, &bench.options, Access::Read).unwrap();
                    assert_eq!(store.backup(&copy).unwrap(), 500);
                });
            }
        });
        assert_eq!(copy.metadata().unwrap().permissions().mode() & 0o7777, 0o600);
        let mut copied = Store::open(&Location::Sqlite(copy.clone()), &bench.options, Access::Read).unwrap();
        assert_eq!(copied.check().unwrap().faults, Vec::<String>::new());
    }
    let left = fs::read_dir(bench.home().join("data")).unwrap().map(|entry| entry.unwrap().file_name());
    // The files that SQLite keeps beside the store stay if several readers close it at the same moment.
    let mut left: Vec<_> = left.filter(|name| !name.to_string_lossy().starts_with("connections.db-")).collect();
    left.sort();
    assert_eq!(left, ["connections.db", "copy.db"], "no draft is left");
}

#[test]
fn a_server_copies_its_stores_itself() {
    let bench = Bench::postgres();
    let target = bench.home().join("copy.db");
    assert!(matches!(bench.create().backup(&target), Err(StoreError::NotHere { .. })));
    assert!(!target.exists());
}
