//! A reader that ends in the middle, by a signal or by the deadline, while the table is locked. The process ends at
//! once, and its session is gone as soon as the lock is. If the reader is frozen, the server's own limit ends the
//! session.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::airflow::script;
use crate::metadata::{SERVERS, Server, state};

/// How a reader ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Signal,
    Deadline,
    /// The process does not end. It is paused, as by a debugger or with its container.
    Frozen,
}

/// How soon after the signal or the deadline the process must be gone.
const SOON: Duration = Duration::from_millis(500);

/// How long the table is locked.
const LOCKED: Duration = Duration::from_secs(4);

/// A client that holds a lock on the table for a while.
fn locked(server: Server, database: &str) -> Child {
    let lock = match server.engine {
        "postgres" => "BEGIN; LOCK TABLE connection; SELECT pg_sleep(4); COMMIT",
        _ => "LOCK TABLES `connection` WRITE; DO SLEEP(4)",
    };
    let mut holder = server.client(database).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    holder.stdin.take().unwrap().write_all(lock.as_bytes()).unwrap();
    holder
}

/// The number of the reader's sessions at the server; with `waiting`, only those that wait for the lock.
fn sessions(server: Server, database: &str, waiting: bool) -> String {
    if server.engine == "postgres" {
        let of = if waiting { " AND wait_event_type = 'Lock'" } else { "" };
        server.run("postgres", &format!("SELECT count(*) FROM pg_stat_activity WHERE usename = '{database}'{of}"))
    } else {
        let of = if waiting { " AND state LIKE '%lock%'" } else { "" };
        let from = "information_schema.processlist";
        server.run("mysql", &format!("SELECT count(*) FROM {from} WHERE user = '{database}'{of}"))
    }
}

#[track_caller]
fn until(within: Duration, what: &str, is_so: impl Fn() -> bool) {
    let since = Instant::now();
    while !is_so() {
        assert!(since.elapsed() < within, "{what}: not within {within:?}");
        sleep(Duration::from_millis(20));
    }
}

/// Whether a client holds the lock.
fn is_locked(server: Server, database: &str) -> bool {
    let held = match server.engine {
        "postgres" => server.run(
            database,
            "SELECT count(*) FROM pg_locks WHERE relation = 'connection'::regclass AND mode = 'AccessExclusiveLock' AND granted",
        ),
        _ => server.run(
            "mysql",
            &format!("SELECT count(*) FROM information_schema.processlist WHERE db = '{database}' AND state = 'User sleep'"),
        ),
    };
    held != "0"
}

#[test]
fn a_reader_that_ends_in_the_middle_ends_at_once_and_leaves_no_session() {
    std::thread::scope(|scope| {
        for server in SERVERS {
            scope.spawn(move || [End::Signal, End::Deadline, End::Frozen].map(|end| stop(server, end)));
        }
    });
}

/// A view that never finishes is given up by the reader and by the server.
#[test]
fn a_statement_without_end_is_given_up_by_the_server() {
    std::thread::scope(|scope| {
        for server in SERVERS {
            scope.spawn(move || {
                let database = "airflow_endless";
                server.airflow(database, &script(server.engine, "3.2"));
                let (quote, endless) = match server.engine {
                    "postgres" => ('"', "CAST(pg_sleep(60) AS text)"),
                    _ => ('`', "sleep(60)"),
                };
                let columns = [
                    "id",
                    "conn_id",
                    "conn_type",
                    "host",
                    "schema",
                    "login",
                    "port",
                    "extra",
                    "is_encrypted",
                    "is_extra_encrypted",
                ];
                let columns = columns.map(|name| format!("{quote}{name}{quote}")).join(", ");
                let view = format!("CREATE VIEW connection AS SELECT {columns}, {endless} AS password FROM moved");
                server.run(database, &format!("ALTER TABLE {quote}connection{quote} RENAME TO moved; {view}"));
                if server.engine == "postgres" {
                    server.run(database, &format!("GRANT SELECT ON connection TO {database}"));
                }
                let mut reader = Command::new(env!("CARGO_BIN_EXE_connprobe"));
                reader.env("CONNPROBE_STATE", state::anew()).env("METADATA", server.url(database));
                reader.args(["check", "url-env:METADATA", "--timeout", "2s", "--format", "json"]);
                let status = reader.stdout(Stdio::null()).status().unwrap();
                assert_eq!(status.code(), Some(3), "{}", server.name);
                // Bounds what is left of the server's extra second.
                until(Duration::from_secs(4), &format!("{}: the statement goes on", server.name), || {
                    sessions(server, database, false) == "0"
                });
            });
        }
    });
}

fn stop(server: Server, end: End) {
    let at = format!("{}, {end:?}", server.name);
    let database = "airflow_stopped";
    server.airflow(database, &script(server.engine, "3.2"));
    let mut holder = locked(server, database);
    until(LOCKED, &format!("{at}: the lock"), || is_locked(server, database));
    let more: &[&str] = match end {
        End::Signal => &["--timeout", "20s"],
        End::Deadline => &["--timeout", "20s", "--deadline", "2s"],
        // Much longer than the lock: if the wait for the lock ended first, the transaction would end, and its limits
        // with it.
        End::Frozen => &["--timeout", "6s"],
    };
    let began = Instant::now();
    let mut reader = Command::new(env!("CARGO_BIN_EXE_connprobe"))
        .env("CONNPROBE_STATE", state::anew())
        .args(["check", "url-env:METADATA", "--format", "json"])
        .args(more)
        .env("METADATA", server.url(database))
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    until(LOCKED, &format!("{at}: the reader waits"), || sessions(server, database, true) != "0");
    let since = match end {
        End::Signal => {
            kill_process(Pid::from_child(&reader), Signal::TERM).unwrap();
            Instant::now()
        }
        End::Deadline => began + Duration::from_secs(2),
        End::Frozen => {
            kill_process(Pid::from_child(&reader), Signal::STOP).unwrap();
            holder.wait().unwrap();
            // The reader's limit, one second more, and some time for a slow machine.
            until(Duration::from_secs(14), &format!("{at}: the session stays in its transaction"), || {
                sessions(server, database, false) == "0"
            });
            reader.kill().unwrap();
            reader.wait().unwrap();
            return;
        }
    };
    let status = reader.wait().unwrap();
    let late = since.elapsed();
    assert!(late < SOON, "{at}: ended {late:?} later");
    assert_ne!(status.code(), Some(0), "{at}");
    assert!(is_locked(server, database), "{at}: it ended while the table was locked");
    holder.wait().unwrap();
    // The servers notice the closed connection when the lock is gone.
    until(Duration::from_secs(3), &format!("{at}: the session is still there"), || {
        sessions(server, database, false) == "0"
    });
}
