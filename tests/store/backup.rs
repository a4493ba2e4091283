//! A copy of the store is whole, whatever its log of changes holds, and a store of its own.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use connprobe::store::{Access, Location, Store, StoreError};

use crate::bench::{Bench, add, definition, open_definition, whole};

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
        // A copy that is there is replaced, what a process left that was ended in the middle is taken away.
        fs::write(bench.home().join("data/copy.db.draft"), "half").unwrap();
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
fn a_server_copies_its_stores_itself() {
    let bench = Bench::postgres();
    let target = bench.home().join("copy.db");
    assert!(matches!(bench.create().backup(&target), Err(StoreError::NotHere { .. })));
    assert!(!target.exists());
}
