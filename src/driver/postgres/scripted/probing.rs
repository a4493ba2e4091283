//! One probe of scripted servers, and its outcome.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::server::server;
use super::speech::{CANARY, Line};
use crate::driver::attempt::{Recorder, Trace};
use crate::driver::postgres::Postgres;
use crate::driver::postgres::tests::connection;
use crate::driver::{Attempt, Driver, Policy};
use crate::model::failure::Failure;
use crate::net::Network;

/// Whether a client connected to a server.
pub(super) async fn was_asked(playing: JoinHandle<Vec<u8>>) -> bool {
    tokio::time::timeout(Duration::from_millis(200), playing).await.is_ok()
}

pub(super) fn attempt(limit: Duration) -> Attempt {
    Attempt {
        network: Arc::new(Network::new()),
        policy: Policy::default(),
        deadline: Instant::now() + limit,
        recorder: Arc::new(Recorder::default()),
        controls: Arc::default(),
        expected: Arc::default(),
    }
}

/// Probes the hosts at `ports`.
pub(super) async fn probe(ports: &[u16], extra: Value) -> (Result<(), Failure>, Trace) {
    probe_within(Duration::from_secs(5), ports, extra).await
}

pub(super) async fn probe_within(limit: Duration, ports: &[u16], extra: Value) -> (Result<(), Failure>, Trace) {
    let hosts = vec!["127.0.0.1"; ports.len()];
    let all: Vec<String> = ports.iter().map(u16::to_string).collect();
    let mut definition = json!({"host": hosts.join(","), "login": "etl", "password": CANARY, "extra": extra});
    definition["extra"]["port"] = json!(all.join(","));
    let plan = Postgres.plan(&connection(&definition)).unwrap();
    let attempt = attempt(limit);
    (plan.probe.run(&attempt).await, attempt.recorder.snapshot())
}

/// Probes, in clear, a server that follows the script.
pub(super) async fn probe_in_clear(script: Vec<Line>) -> (Result<(), Failure>, Trace) {
    let (port, _playing) = server(script).await;
    probe(&[port], json!({"sslmode": "disable"})).await
}

pub(super) fn class(verdict: Result<(), Failure>) -> &'static str {
    verdict.map_or_else(|failure| failure.class.as_str(), |()| "ok")
}
