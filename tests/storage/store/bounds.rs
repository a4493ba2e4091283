//! A store that was filled up from outside: it is read row by row, and no further than the largest allowed size.

use connprobe::store::{Access, Location, StoreError};

use crate::store::bench::{Bench, Store, add, on_both, open_definition};

/// All columns except the row's number.
const COLUMNS: &str = "version, conn_id, conn_type, description, host, schema, login, password, port, extra, \
    directory, created_at, updated_at, failing, tag";

/// Asserts that every way to read the rows fails because the store is too large.
#[track_caller]
fn assert_full(bench: &Bench) {
    let mut store = Store::open(&bench.location, &bench.options, Access::Read).unwrap();
    assert!(matches!(store.definitions(), Err(StoreError::Full { .. })));
    assert!(matches!(store.check(), Err(StoreError::Full { .. })));
}

/// Creates a store with definitions of `names`.
fn holding(bench: &Bench, names: &[&str]) {
    let definitions: Vec<_> = names.iter().map(|name| open_definition(name)).collect();
    bench.create().apply(&definitions.iter().map(add).collect::<Vec<_>>()).unwrap();
}

/// Gives every row a description of `mib` MiB.
fn describe(bench: &Bench, mib: usize) {
    let text = match bench.location {
        Location::Sqlite(_) => format!("hex(zeroblob({mib} << 19))"),
        Location::Postgres(_) => format!("repeat('0', {mib} << 20)"),
    };
    bench.sql(&format!("UPDATE connection SET description = {text}"));
}

/// Adds `copies` copies of the only row.
fn multiply(bench: &Bench, copies: usize) {
    let numbers = match bench.location {
        Location::Sqlite(_) => {
            format!(
                "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {copies}) SELECT i FROM n) n"
            )
        }
        Location::Postgres(_) => format!("generate_series(1, {copies}) n(i)"),
    };
    bench
        .sql(&format!("INSERT INTO connection (uid, {COLUMNS}) SELECT uid || i, {COLUMNS} FROM connection, {numbers}"));
}

on_both!(
    more_rows_than_a_store_may_hold_are_not_read,
    more_bytes_than_a_store_may_hold_are_not_read,
    more_bytes_in_small_rows_are_not_read,
    a_value_that_is_longer_than_any_of_connprobe_s_is_not_read,
    what_is_just_within_the_bounds_is_read,
);

fn more_rows_than_a_store_may_hold_are_not_read(bench: &Bench) {
    holding(bench, &["one"]);
    multiply(bench, 100_000);
    assert_full(bench);
}

fn more_bytes_than_a_store_may_hold_are_not_read(bench: &Bench) {
    // Each has 48 MiB.
    holding(bench, &["one", "two", "three"]);
    describe(bench, 48);
    assert_full(bench);
}

fn more_bytes_in_small_rows_are_not_read(bench: &Bench) {
    holding(bench, &["one"]);
    describe(bench, 1);
    multiply(bench, 130);
    assert_full(bench);
}

fn a_value_that_is_longer_than_any_of_connprobe_s_is_not_read(bench: &Bench) {
    holding(bench, &["one"]);
    // Less than the limit of all definitions together.
    describe(bench, 20);
    assert_full(bench);
    // More than a message of PostgreSQL may have.
    describe(bench, 70);
    assert_full(bench);
}

/// Shows that the other tests fail because of the size alone: these rows are within the bounds.
fn what_is_just_within_the_bounds_is_read(bench: &Bench) {
    holding(bench, &["one"]);
    describe(bench, 1);
    multiply(bench, 99);
    let mut store = Store::open(&bench.location, &bench.options, Access::Read).unwrap();
    assert_eq!(store.definitions().map(|all| all.len()).map_err(|error| error.to_string()), Ok(100));
}
