//! Runs under a clock that the test sets: the library, with a ledger in a file, against scripted servers.

use std::sync::Arc;
use std::time::Duration;

use connprobe::engine::ledger::{Clock, FileLedger, Ledger, Moment};
use connprobe::engine::{Engine, EngineConfig, Job, Settings};
use connprobe::model::connection::{Connection, Origin};
use connprobe::model::event::Event;
use connprobe::model::extra::Extra;
use connprobe::model::reason::ReasonCode;
use connprobe::model::secret::Secret;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::peers::Peer;

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

struct Bench {
    _directory: TempDir,
    ledger: Arc<dyn Ledger>,
    clock: Clock,
    start: Moment,
}

impl Bench {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let start = "2026-11-22T12:00:00Z".parse::<jiff::Timestamp>().unwrap().into();
        let clock = Clock::standing_at(start);
        let ledger = Arc::new(FileLedger::open(&directory.path().join("ledger"), clock.clone()).unwrap());
        Self { _directory: directory, ledger, clock, start }
    }

    /// A run at `seconds` after the start. Returns the reason and the number of attempts of each result.
    fn run(&self, seconds: u64, connections: Vec<Connection>) -> Vec<(Option<ReasonCode>, u32)> {
        self.clock.set(self.start.after(Duration::from_secs(seconds)));
        let settings = Settings { deadline: Some(Duration::from_secs(20)), ..Settings::default() };
        let engine = Engine::new(EngineConfig::default().ledger(Arc::clone(&self.ledger))).unwrap();
        let events = engine.run(Job::new(connections, settings)).unwrap().events;
        let results = events.into_iter().filter_map(|event| match event {
            Event::Result(result) => Some(Arc::unwrap_or_clone(result)),
            _ => None,
        });
        let mut results: Vec<_> = results.collect();
        results.sort_by_key(|result| result.position);
        results.iter().map(|result| (result.failure.as_ref().map(|failure| failure.reason), result.attempts)).collect()
    }
}

fn mysql(port: u16, login: &str, extra: Value) -> Connection {
    let origin = Origin { source: "test".into(), line: None, pointer: format!("/{login}"), occurrence: 0 };
    let Value::Object(extra) = extra else { panic!("{extra}") };
    Connection {
        conn_type: Some("mysql".to_owned()),
        host: Some("127.0.0.1".to_owned()),
        port: Some(port),
        login: Some(login.to_owned()),
        password: Some(Secret::new("CANARY1".to_owned())),
        extra: Extra::new(extra),
        ..Connection::new(origin)
    }
}

#[test]
fn after_its_hold_a_server_that_counts_interruptions_is_tried_once() {
    let bench = Bench::new();
    // The server has no TLS, which the definitions require.
    let peer = Peer::mysql(Duration::ZERO);
    let all =
        || (0..8).map(|n| mysql(peer.port, &format!("u{n}"), json!({"ssl_mode": "REQUIRED"}))).collect::<Vec<_>>();
    let mut now = 0;
    let came = bench.run(now, all());
    let tried = |came: &[(Option<ReasonCode>, u32)]| came.iter().filter(|(_, attempts)| *attempts > 0).count();
    assert_eq!((tried(&came), peer.connections()), (5, 5), "{came:?}");
    // Ten minutes, doubled each time, up to a day.
    for (round, minutes) in [10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440].into_iter().enumerate() {
        let came = bench.run(now + minutes * MINUTE - 1, all());
        assert!(came.iter().all(|one| *one == (Some(ReasonCode::ServerProtected), 0)), "{minutes}: {came:?}");
        now += minutes * MINUTE;
        let came = bench.run(now, all());
        assert_eq!((tried(&came), peer.connections()), (1, 6 + round), "{minutes}: {came:?}");
    }
}

/// These looks are interrupted handshakes, so their interval grows; they do not hold other logins.
#[test]
fn looks_at_a_greeting_are_ever_rarer_and_hold_no_server() {
    let bench = Bench::new();
    let peer = Peer::mysql(Duration::ZERO);
    let of = |login: &str| vec![mysql(peer.port, login, json!({"ssl_mode": "DISABLED"}))];
    let refused = |attempts| vec![(Some(ReasonCode::LoginRefused), attempts)];
    assert_eq!(bench.run(0, of("etl")), refused(1));
    for (looks, minutes) in [(1, 10), (2, 20), (3, 40), (4, 80), (5, 160), (6, 320)] {
        for at in [minutes, minutes + 9] {
            assert_eq!(bench.run(at * MINUTE, of("etl")), refused(0));
            assert_eq!((peer.connections(), peer.logins()), (1 + looks, 1), "{at}");
        }
    }
    // At most six a day, whatever other logins go to the server.
    assert_eq!(bench.run(640 * MINUTE, of("etl")), refused(0));
    assert_eq!((peer.connections(), peer.logins()), (7, 1));
    assert_eq!(bench.run(641 * MINUTE, of("other")), refused(1), "the server is not held");
    assert_eq!(peer.logins(), 2);
}

/// The clock was ten days ahead when the server was held.
#[test]
fn a_server_that_a_wrong_clock_held_is_free_a_day_later() {
    let bench = Bench::new();
    let peer = Peer::mysql(Duration::ZERO);
    let all =
        || (0..6).map(|n| mysql(peer.port, &format!("u{n}"), json!({"ssl_mode": "REQUIRED"}))).collect::<Vec<_>>();
    bench.run(10 * DAY, all());
    assert_eq!(peer.connections(), 5);
    for hour in [0, 1, 23] {
        bench.run(hour * 60 * MINUTE, all());
        assert_eq!(peer.connections(), 5, "{hour}");
    }
    bench.run(DAY, all());
    assert_eq!(peer.connections(), 6);
}
