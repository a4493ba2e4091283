//! A process that lives long: one engine, `examples/soak.rs`, checks many connections again and again, a twentieth of
//! them at a hostile server. No round loses a result, no healthy login fails, and threads, descriptors and memory do
//! not grow. Apart from other tests, which count the connections of these servers. `make endure` runs it for ten minutes with 2,000 connections (`CONNPROBE_SOAK=SECONDS`).

#[expect(dead_code, reason = "the tests of drivers ask for more of it")]
#[path = "../support/servers.rs"]
mod servers;

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Map, Value, json};

use crate::servers::port;

/// Without `CONNPROBE_SOAK`: the seconds, the seconds of a round, and the connections.
const SHORT: (f64, f64, usize) = (15.0, 2.5, 200);
/// The seconds of a round, and the connections, where it is set.
const LONG: (f64, usize) = (10.0, 2_000);

/// Accepts, and in turns says nothing, closes, sends what no server sends, sends without an end, or sends a byte at a
/// time. It prints its port.
const HOSTILE: &str = r"
import itertools, os, socket, threading, time
server = socket.socket(); server.bind(('127.0.0.1', 0)); server.listen(1024)
print(server.getsockname()[1], flush=True)
def play(turn, client):
    try:
        client.settimeout(5)
        if turn == 0: client.recv(1 << 16); time.sleep(3)
        if turn == 2: client.sendall(os.urandom(512))
        if turn == 3:
            for _ in range(64): client.sendall(b'E' * (1 << 16))
        if turn == 4:
            for _ in range(20): client.sendall(b'R'); time.sleep(0.1)
    except OSError: pass
    client.close()
for turn in itertools.cycle(range(5)):
    threading.Thread(target=play, args=(turn, server.accept()[0]), daemon=True).start()
";

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn start(command: &mut Command) -> (Killed, BufReader<ChildStdout>) {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    (Killed(child), stdout)
}

/// Definitions in the shares that the module's head says, the hostile ones at `hostile`; and how many are healthy.
fn definitions(count: usize, hostile: u16) -> (Value, usize) {
    let mut all = Map::new();
    let mut add = |name: String, definition: Value| drop(all.insert(name, definition));
    let database = |kind: &str, port: u16, number: usize, extra: Value| {
        json!({"conn_type": kind, "host": "127.0.0.1", "port": port, "login": format!("bench{number}"),
            "password": "right", "schema": "appdb", "extra": extra})
    };
    let healthy = count - count / 20;
    for number in 1..=count / 20 {
        add(format!("postgres-{number}"), database("postgres", port("PG_PORT"), number, json!({"sslmode": "disable"})));
        add(format!("hostile-{number}"), database("postgres", hostile, number, json!({})));
    }
    for number in 1..=3 * count / 20 {
        let extra = json!({"ssl_mode": "DISABLED"});
        add(format!("mariadb-{number}"), database("mysql", port("MARIADB_PORT"), number, extra));
    }
    for number in 0..count / 20 {
        let extra = json!({"db": number % 16});
        add(
            format!("redis-{number}"),
            json!({"conn_type": "redis", "host": "127.0.0.1", "port": port("REDIS_OPEN_PORT"), "extra": extra}),
        );
    }
    for number in 0..healthy - 5 * (count / 20) {
        add(
            format!("simulated-{number}"),
            json!({"conn_type": "simulated", "host": "127.0.0.1", "port": 1 + number, "login": "etl"}),
        );
    }
    assert_eq!(all.len(), count);
    (all.into(), healthy)
}

#[test]
fn one_engine_checks_for_long_and_grows_in_nothing() {
    let long = std::env::var("CONNPROBE_SOAK").ok().map(|seconds| seconds.parse::<f64>().unwrap());
    let (seconds, interval, count) = long.map_or(SHORT, |seconds| (seconds, LONG.0, LONG.1));
    let (_hostile, mut its_port) = start(Command::new("python3").args(["-c", HOSTILE]));
    let mut line = String::new();
    its_port.read_line(&mut line).unwrap();
    let (definitions, healthy) = definitions(count, line.trim().parse().unwrap());
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("all.json");
    std::fs::write(&file, definitions.to_string()).unwrap();
    let binary = std::env::var_os("CONNPROBE_RELEASE").unwrap_or_else(|| env!("CARGO_BIN_EXE_connprobe").into());
    let program = PathBuf::from(binary).with_file_name("examples").join("soak");
    let mut command = Command::new(&program);
    command.arg(&file).args([seconds.to_string(), interval.to_string()]);
    command.env("HOME", home.path()).env("CONNPROBE_STATE", "none");
    let (_soak, rounds) = start(&mut command);
    // From the second minute on, or after a third of a shorter run, nothing grows.
    let settled = (120.0_f64).min(seconds / 3.0);
    let mut first: Option<[u64; 3]> = None;
    let (mut last, mut number) = ([0; 3], 0);
    for line in rounds.lines() {
        let round: Value = serde_json::from_str(&line.unwrap()).unwrap();
        number += 1;
        let failing: Vec<&Value> = round["not_ok"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|result| !result[0].as_str().unwrap().starts_with("hostile"))
            .collect();
        assert_eq!(round["total"], count, "{round}");
        assert_eq!(round["ok"], healthy, "{failing:?}");
        assert!(round["seconds"].as_f64().unwrap() < interval, "a round took too long: {}", round["seconds"]);
        last = ["threads", "descriptors", "memory"].map(|key| round[key].as_u64().unwrap());
        println!("round {number}: {:.2} s, {last:?}", round["seconds"].as_f64().unwrap());
        if f64::from(number) * interval >= settled {
            first.get_or_insert(last);
        }
    }
    let first = first.expect("a round after everything has settled");
    assert!(f64::from(number) * interval >= seconds, "it ended after {number} rounds");
    // A short run of few connections has not filled all its caches in its first rounds.
    let memory = if long.is_some() { 1.05 } else { 1.25 };
    for (name, first, last, factor) in [
        ("threads", first[0], last[0], 1.05),
        ("descriptors", first[1], last[1], 1.05),
        ("memory", first[2], last[2], memory),
    ] {
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let grown = last as f64 / first as f64;
        assert!(grown <= factor, "{name} have grown from {first} to {last}");
    }
}
