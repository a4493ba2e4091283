//! Airflow's metadata database in a SQLite file: every generation of it, and every state that a file can be in.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use connprobe::model::problem::ColumnFlaw;
use connprobe::model::reason::unusable::{Metadata, Sqlite};
use connprobe::model::reason::{Source, Unusable};
use connprobe::source::SourceError;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::airflow::{GENERATIONS, complaint, expect, load, many, schema, script, unusable};

const LIMIT: Duration = Duration::from_secs(20);

/// A new directory, and the path of a database in it.
fn place() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("airflow # %41 ?.db");
    (directory, path)
}

/// Creates a database with `script` and leaves it open.
fn database(path: &Path, script: &str) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch("PRAGMA synchronous = OFF; BEGIN").unwrap();
    connection.execute_batch(script).unwrap();
    connection.execute_batch("COMMIT").unwrap();
    connection
}

/// SQLAlchemy ends the path at a `?`, so the URL names a link without one.
fn url(path: &Path) -> String {
    let link = path.with_file_name("airflow.db");
    if fs::symlink_metadata(&link).is_err() {
        std::os::unix::fs::symlink(path, &link).unwrap();
    }
    format!("sqlite:///{}", link.display())
}

/// The reason why the database at `path` is unusable.
fn fault(path: &Path) -> Unusable {
    unusable(&complaint(&url(path), LIMIT)).clone()
}

/// The reason why the file of the database at `path` is unusable.
fn file_fault(path: &Path) -> Sqlite {
    sqlite(&complaint(&url(path), LIMIT))
}

fn sqlite(error: &SourceError) -> Sqlite {
    match unusable(error) {
        Unusable::Sqlite { why, .. } => why.clone(),
        other => panic!("{other:?}"),
    }
}

/// The names and contents of all files in the directory of `path`.
fn around(path: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.map(|path| (path.clone(), fs::read(&path).unwrap_or_default())).collect();
    files.sort();
    files
}

#[test]
fn every_generation_is_read_as_it_was_written() {
    for generation in GENERATIONS {
        let (_directory, path) = place();
        drop(database(&path, &script("sqlite", generation)));
        expect(&load(&url(&path), LIMIT).unwrap(), generation);
    }
}

#[test]
fn nothing_is_written_nor_left_beside_the_file() {
    for mode in ["DELETE", "WAL"] {
        let (_directory, path) = place();
        let connection = database(&path, &script("sqlite", "3.2"));
        connection.execute_batch(&format!("PRAGMA journal_mode = {mode}")).unwrap();
        connection.close().unwrap();
        let url = url(&path);
        let before = around(&path);
        expect(&load(&url, LIMIT).unwrap(), "3.2");
        assert_eq!(around(&path), before, "{mode}");
    }
}

#[test]
fn what_is_still_in_the_wal_is_read_too() {
    let (_directory, path) = place();
    let connection = database(&path, &script("sqlite", "3.2"));
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0").unwrap();
    connection.execute_batch("INSERT INTO connection (conn_id, conn_type, is_encrypted, is_extra_encrypted) VALUES ('late', 'spark', 0, 0)").unwrap();
    let ids: Vec<_> =
        load(&url(&path), LIMIT).unwrap().into_iter().filter_map(|connection| connection.conn_id).collect();
    assert_eq!(ids.last().map(String::as_str), Some("late"));

    // The same files, copied without the open connection, and with a link that prevents SQLite from creating the third
    // file.
    let (_directory, copy) = place();
    let beside = |path: &Path, end: &str| PathBuf::from(format!("{}{end}", path.display()));
    fs::copy(&path, &copy).unwrap();
    fs::copy(beside(&path, "-wal"), beside(&copy, "-wal")).unwrap();
    std::os::unix::fs::symlink("nowhere", beside(&copy, "-shm")).unwrap();
    assert_eq!(file_fault(&copy), Sqlite::WalUnreadable);
    fs::remove_file(beside(&copy, "-shm")).unwrap();
    assert_eq!(load(&url(&copy), LIMIT).unwrap().len(), ids.len());
}

#[test]
fn a_lock_is_waited_for_no_longer_than_the_limit() {
    let (_directory, path) = place();
    let connection = database(&path, &script("sqlite", "3.2"));
    connection.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let since = Instant::now();
    assert_eq!(sqlite(&complaint(&url(&path), Duration::from_secs(1))), Sqlite::Locked);
    assert!((700..1100).contains(&since.elapsed().as_millis()), "{:?}", since.elapsed());
    connection.execute_batch("ROLLBACK").unwrap();
    expect(&load(&url(&path), LIMIT).unwrap(), "3.2");
}

#[test]
fn a_write_that_was_not_finished_is_not_read() {
    let (_directory, path) = place();
    let connection = database(&path, &script("sqlite", "3.2"));
    connection.execute_batch("PRAGMA synchronous = NORMAL; PRAGMA cache_size = 1; BEGIN").unwrap();
    connection
        .execute_batch(
            "UPDATE connection SET description = hex(zeroblob(50000)); UPDATE connection SET host = hex(zeroblob(50000))",
        )
        .unwrap();
    let (_directory, copy) = place();
    fs::copy(&path, &copy).unwrap();
    fs::copy(format!("{}-journal", path.display()), format!("{}-journal", copy.display())).unwrap();
    assert_eq!(file_fault(&copy), Sqlite::HalfWritten);
}

#[test]
fn what_is_no_database_is_told_and_never_made() {
    let (directory, path) = place();
    let missing = directory.path().join("missing.db");
    let url_of = |path: &Path| format!("sqlite:///{}", path.display());
    let found = |path: &Path| sqlite(&complaint(&url_of(path), LIMIT));
    assert_eq!((found(&missing), missing.exists()), (Sqlite::Missing, false));
    assert_eq!(found(directory.path()), Sqlite::Directory);

    let fifo = directory.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let since = Instant::now();
    assert_eq!(found(&fifo), Sqlite::NotRegular);
    assert!(since.elapsed() < Duration::from_secs(1));

    for (bytes, expected) in [
        (&b""[..], Sqlite::Empty),
        (b"CANARY", Sqlite::NotSqlite),
        (&[b'x'; 4096], Sqlite::NotSqlite),
        (&[&b"SQLite format 3\0"[..], &[7; 4096]].concat(), Sqlite::NotSqlite),
    ] {
        fs::write(&path, bytes).unwrap();
        assert_eq!(file_fault(&path), expected);
    }
}

#[test]
fn another_database_is_told_what_it_lacks() {
    let missing = vec!["conn_id", "conn_type", "schema", "login", "password", "extra"];
    for (script, expected) in [
        ("CREATE TABLE dag (id INTEGER)", Metadata::NoTable),
        (
            "CREATE VIEW connection AS WITH RECURSIVE a(id) AS (SELECT 1 UNION ALL SELECT 1 FROM a) SELECT * FROM a",
            Metadata::NoTable,
        ),
        ("CREATE TABLE connection (id INTEGER, host TEXT, port INTEGER)", Metadata::OtherTable { missing }),
    ] {
        let (_directory, path) = place();
        drop(database(&path, script));
        assert_eq!(fault(&path), expected.into());
    }
}

#[test]
fn a_damaged_page_is_told() {
    let (_directory, path) = place();
    drop(database(&path, &many("sqlite", 2000)));
    let mut bytes = fs::read(&path).unwrap();
    let half = bytes.len() / 2;
    bytes[half..].fill(0xa5);
    fs::write(&path, bytes).unwrap();
    assert_eq!(file_fault(&path), Sqlite::Damaged);
}

#[test]
fn values_of_the_wrong_kind_are_problems_of_their_row() {
    let (_directory, path) = place();
    let rows =
        "INSERT INTO connection (conn_id, conn_type, host, login, password, port, is_encrypted, is_extra_encrypted)
        VALUES ('odd', 'postgres', x'ff43', 'etl', x'ff', 'CANARY', 'maybe', 0),
               ('even', 'postgres', x'6462', 17, 123456, 5432.0, '0', 0)";
    drop(database(&path, &format!("{}{rows}", schema("sqlite", "3.2"))));
    let connections = load(&url(&path), LIMIT).unwrap();
    let problems = &connections[0].problems;
    for flaw in [
        ColumnFlaw::NotText { column: "host" },
        ColumnFlaw::NotANumber { column: "port" },
        ColumnFlaw::NotText { column: "password" },
        ColumnFlaw::NotAFlag { column: "is_encrypted" },
    ] {
        assert!(problems.contains(&flaw.into()), "{flaw:?}: {problems:?}");
    }
    assert!(!format!("{problems:?}").contains("CANARY"));
    let even = &connections[1];
    assert_eq!(even.problems, []);
    assert_eq!((even.host.as_deref(), even.login.as_deref(), even.port), (Some("db"), Some("17"), Some(5432)));
    assert_eq!(super::password(even), "123456");
}

/// Creates a table of `rows` rows whose column `host` is computed on reading.
fn computed(path: &Path, host: &str, rows: usize) {
    let script = format!(
        "CREATE TABLE connection (id INTEGER PRIMARY KEY, conn_id, conn_type, schema, login, password, port, extra, host AS (0));
         WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < {rows})
         INSERT INTO connection (id, conn_id, conn_type) SELECT id, 'c', 'spark' FROM n;"
    );
    let connection = database(path, &script);
    connection.execute_batch("PRAGMA writable_schema = ON").unwrap();
    connection.execute("UPDATE sqlite_schema SET sql = replace(sql, '(0)', '(' || ? || ')')", [host]).unwrap();
}

#[test]
fn a_file_that_is_made_to_be_read_for_ever_is_not() {
    let (_directory, path) = place();
    computed(&path, "length(replace(printf('%200000d', id), ' ', 'ab'))", 50_000);
    let since = Instant::now();
    let limit = Duration::from_millis(500);
    assert_eq!(sqlite(&complaint(&url(&path), limit)), Sqlite::Late { limit });
    assert!(since.elapsed() < Duration::from_millis(700), "{:?}", since.elapsed());
}

#[test]
fn a_file_that_asks_for_gigabytes_does_not_get_them() {
    let (_directory, path) = place();
    computed(&path, "printf('%.*c', 900000000, 'x')", 1);
    assert_eq!(file_fault(&path), Sqlite::TooMuchMemory);
    let (_directory, path) = place();
    computed(&path, "printf('%.*c', 1000000, 'x')", 100);
    assert_eq!(fault(&path), Metadata::TooLarge.into());
}

#[test]
fn ten_thousand_rows_come_whole_and_soon_and_too_many_do_not() {
    let (_directory, path) = place();
    drop(database(&path, &many("sqlite", 10_000)));
    let since = Instant::now();
    assert_eq!(load(&url(&path), LIMIT).unwrap().len(), 10_000);
    println!("10000 rows in {:?}", since.elapsed());
    assert!(since.elapsed() < Duration::from_secs(10));

    let (_directory, path) = place();
    computed(&path, "NULL", 100_001);
    let error = complaint(&url(&path), LIMIT);
    assert!(matches!(error, SourceError::Own(Source::TooMany { most: 100_000, .. })), "{error}");
}
