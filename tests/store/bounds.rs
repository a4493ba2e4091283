//! A store that somebody filled up from outside: it is read row by row, and no further than a store may be large.

use connprobe::store::{Access, Store, StoreError};

use crate::bench::{Bench, add, open_definition};

/// All but the number of a row.
const COLUMNS: &str = "version, conn_id, conn_type, description, host, schema, login, password, port, extra, \
    directory, created_at, updated_at, failing, tag";

/// Both ways to a store's rows end with that it is too large.
#[track_caller]
fn assert_full(bench: &Bench) {
    let mut store = Store::open(&bench.location, &bench.options, Access::Read).unwrap();
    assert!(matches!(store.definitions(), Err(StoreError::Full { .. })));
    assert!(matches!(store.check(), Err(StoreError::Full { .. })));
}

#[test]
fn more_rows_than_a_store_may_hold_are_not_read() {
    let bench = Bench::sqlite();
    bench.create().apply(&[add(&open_definition("one"))]).unwrap();
    bench.sql(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) \
         INSERT INTO connection (uid, {COLUMNS}) SELECT uid || i, {COLUMNS} FROM connection, n"
    ));
    assert_full(&bench);
}

#[test]
fn more_bytes_than_a_store_may_hold_are_not_read() {
    let bench = Bench::sqlite();
    let definitions = ["one", "two", "three"].map(open_definition);
    bench.create().apply(&definitions.each_ref().map(add)).unwrap();
    // Of 48 MiB each.
    bench.sql("UPDATE connection SET description = hex(zeroblob(24 << 20))");
    assert_full(&bench);
}

#[test]
fn a_value_that_is_longer_than_any_of_connprobe_s_is_not_read() {
    let bench = Bench::sqlite();
    bench.create().apply(&[add(&open_definition("one"))]).unwrap();
    // Of 20 MiB: less than all definitions may take.
    bench.sql("UPDATE connection SET description = hex(zeroblob(10 << 20))");
    assert_full(&bench);
}
