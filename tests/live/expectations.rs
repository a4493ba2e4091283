//! `connprobe wait --expect-…` at real servers: what exists, what does not, and what a server does not run.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use crate::cases::{port, server};
use crate::process;
use crate::state;

/// The result of a short wait for `connection` with `options`, and the exit status.
fn wait(connection: &Value, options: &[&str]) -> (Value, Option<i32>) {
    let mut command = process::connprobe(&["wait", "-", "--deadline", "1.2s", "--format", "json", "--quiet"]);
    let output = process::over(command.args(options), &json!({ "c": connection }).to_string());
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let mut report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("not a report ({error}): {}{}", text(&output.stdout), text(&output.stderr)));
    (report["results"][0].take(), output.status.code())
}

/// What becomes of an expectation.
enum End {
    Met,
    /// Waited for until the deadline.
    Missing,
    /// Given up at once.
    Unusable,
}

fn run(connection: &Value, table: &[(&str, &str, End)]) {
    for (option, value, end) in table {
        let (result, exit) = wait(connection, &[option, value]);
        let (reason, expected) = match end {
            End::Met => (Value::Null, 0),
            End::Missing => (json!("expected_missing"), 124),
            End::Unusable => (json!("expectation_unusable"), 1),
        };
        assert_eq!((&result["reason"], exit), (&reason, Some(expected)), "{option} {value}: {result:#}");
    }
}

#[test]
fn postgres() {
    let connection = json!({"conn_type": "postgres", "host": "127.0.0.1", "port": port("PG_PORT"), "login": "scramuser",
                            "password": "right", "schema": "appdb"});
    run(
        &connection,
        &[
            ("--expect-table", "pg_catalog.pg_class", End::Met),
            ("--expect-table", "pg_class", End::Met),
            ("--expect-table", "c=pg_class", End::Met),
            ("--expect-table", "elsewhere.pg_class", End::Missing),
            ("--expect-table", "PG_CLASS", End::Missing),
            ("--expect-table", "x' OR '1'='1", End::Missing),
            ("--expect-query", "select 1 where 1 = 1", End::Met),
            ("--expect-query", "select relname from pg_class;", End::Met),
            ("--expect-query", "c=table pg_class", End::Met),
            ("--expect-query", "select 1 where 1 = 2", End::Missing),
            ("--expect-query", "select 1 from migrations where version = 42", End::Missing),
            ("--expect-query", "select 1 -- the last one", End::Met),
            ("--expect-query", "select 1) ; commit; (select 1", End::Unusable),
            ("--expect-query", "select $1", End::Unusable),
            ("--expect-query", "choose 1 = 1", End::Unusable),
            ("--expect-query", "create table connprobe_was_here (a int)", End::Unusable),
            ("--expect-query", "select 1; drop table if exists x", End::Unusable),
            ("--expect-query", "select 1; commit; select 1", End::Unusable),
            ("--expect-query", "delete from x returning 1", End::Unusable),
        ],
    );
}

#[test]
fn an_accepted_login_counts_as_that_wherever_its_query_ends() {
    let postgres = json!({"conn_type": "postgres", "host": "127.0.0.1", "port": port("PG_PORT"), "login": "scramuser",
                          "password": "right", "schema": "appdb"});
    let mariadb = json!({"conn_type": "mariadb", "host": "127.0.0.1", "port": port("MARIADB_PORT"), "login": "native",
                         "password": "right", "schema": "appdb"});
    let slow_there = "select 1 from (select 1) as one where sleep(30)";
    for (connection, query) in [(postgres, "select 1 where pg_sleep(30) is null"), (mariadb, slow_there)] {
        let state = state::anew();
        // At the deadline, which comes before the limit of the login, and by a signal.
        for signal in [false, true] {
            let mut command = process::connprobe(&["wait", "-", "--deadline", "1s", "--expect-query", query]);
            if signal {
                command = process::connprobe(&["wait", "-", "--deadline", "20s", "--expect-query", query]);
            }
            let mut child = command.env("CONNPROBE_STATE", &state).stdin(Stdio::piped()).spawn().unwrap();
            child.stdin.take().unwrap().write_all(json!({ "c": connection }).to_string().as_bytes()).unwrap();
            if signal {
                std::thread::sleep(Duration::from_millis(1200));
                rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::TERM)
                    .unwrap();
            }
            child.wait_with_output().unwrap();
            let listed = process::connprobe(&["state"]).env("CONNPROBE_STATE", &state).output().unwrap();
            let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
            let held = listed.lines().filter(|line| line.contains("refused") && !line.contains(" 0 refused"));
            assert_eq!(held.count(), 0, "{query} {signal}: {listed}");
        }
    }
}

#[test]
fn a_slow_query_ends_with_its_login() {
    let connection = json!({"conn_type": "postgres", "host": "127.0.0.1", "port": port("PG_PORT"), "login": "scramuser",
                            "password": "right", "schema": "appdb"});
    let (result, exit) =
        wait(&connection, &["--timeout", "500ms", "--expect-query", "select 1 where pg_sleep(30) is null"]);
    assert_eq!((&result["phase"], exit), (&json!("query"), Some(124)), "{result:#}");
}

#[test]
fn mysql_and_mariadb() {
    for (key, login) in [("MYSQL_PORT", "sha2user"), ("MARIADB_PORT", "native")] {
        let connection = json!({"conn_type": "mysql", "host": "127.0.0.1", "port": port(key), "login": login,
                                "password": "right", "schema": "appdb", "extra": {"ssl_mode": "PREFERRED"}});
        run(
            &connection,
            &[
                ("--expect-table", "information_schema.TABLES", End::Met),
                ("--expect-table", "nowhere", End::Missing),
                ("--expect-table", "x' OR '1'='1", End::Missing),
                ("--expect-query", "select 1 from information_schema.tables", End::Met),
                ("--expect-query", "select 1 from dual where 1 = 2", End::Missing),
                ("--expect-query", "select 1 from migrations where version = 42", End::Missing),
                ("--expect-query", "choose 1 = 1", End::Unusable),
                ("--expect-query", "create table appdb.connprobe_was_here (a int)", End::Unusable),
                ("--expect-query", "select 1; select 2", End::Unusable),
                ("--expect-query", "select 1; # the last one", End::Unusable),
                ("--expect-query", "select 1 -- the last one", End::Met),
                ("--expect-query", "BEGIN NOT ATOMIC ROLLBACK; SELECT 1; END", End::Unusable),
                ("--expect-query", "COMMIT", End::Unusable),
            ],
        );
    }
}

#[test]
fn mongodb() {
    let connection = json!({"conn_type": "mongo", "host": "127.0.0.1", "port": port("MONGODB_PORT"),
                            "login": "mongouser", "password": "right", "schema": "appdb"});
    run(
        &connection,
        &[
            ("--expect-collection", "events", End::Met),
            ("--expect-collection", "appdb/events", End::Met),
            ("--expect-collection", "nowhere", End::Missing),
            ("--expect-collection", "other/events", End::Missing),
        ],
    );
}

#[test]
fn s3() {
    let connection = json!({"conn_type": "minio", "host": "http://127.0.0.1", "port": port("S3_PORT"),
                            "login": server("S3_ACCESS_KEY"), "password": server("S3_SECRET_KEY"),
                            "schema": server("S3_BUCKET")});
    run(
        &connection,
        &[
            ("--expect-object", "object", End::Met),
            ("--expect-object", "s3://demo/object", End::Met),
            // Keys begin so, but this is none.
            ("--expect-object", "obj", End::Missing),
            ("--expect-object", "nowhere/object", End::Missing),
        ],
    );
    let without = json!({"conn_type": "minio", "host": "http://127.0.0.1", "port": port("S3_PORT"),
                         "login": server("S3_ACCESS_KEY"), "password": server("S3_SECRET_KEY")});
    run(&without, &[("--expect-object", "s3://demo/object", End::Met), ("--expect-object", "object", End::Unusable)]);
}

#[test]
fn redis() {
    let mut stream = TcpStream::connect(("127.0.0.1", port("REDIS_PORT"))).unwrap();
    stream.write_all(b"AUTH right\r\nSELECT 5\r\nSET migrated 42\r\nQUIT\r\n").unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).unwrap();
    assert_eq!(answers.matches("+OK").count(), 4, "{answers}");
    let connection = |db: u8| {
        json!({"conn_type": "redis", "host": "127.0.0.1", "port": port("REDIS_PORT"), "password": "right",
               "extra": {"db": db}})
    };
    run(&connection(5), &[("--expect-key", "migrated", End::Met), ("--expect-key", "c=migrated", End::Met)]);
    run(&connection(0), &[("--expect-key", "migrated", End::Missing)]);
}
