//! One run of `connprobe check`, with the time of each result and the peak memory.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::starvation::{Starvation, Watch};
use super::{instant_of, kernel};
use crate::speech::CANARY;

/// The limits of a run.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub timeout: Duration,
    pub concurrency: usize,
}

/// A result, and when it was printed.
pub struct Told {
    pub result: Value,
    pub at: Instant,
    /// When the check began, as the process reports it.
    pub started: Instant,
}

/// The outcome of a run.
pub struct Run {
    pub told: Vec<Told>,
    /// The peak memory of the process, in bytes.
    pub peak: u64,
    pub took: Duration,
    /// How much other processes slowed it down.
    pub starved: Starvation,
}

/// The environment variable with the path of a release build, which is run instead of the build under test.
const RELEASE: &str = "CONNPROBE_RELEASE";

/// Whether a release build is run.
pub fn is_release() -> bool {
    std::env::var_os(RELEASE).is_some()
}

/// The program that is run.
pub fn binary() -> std::ffi::OsString {
    std::env::var_os(RELEASE).unwrap_or_else(|| env!("CARGO_BIN_EXE_connprobe").into())
}

/// Checks `definitions`, and asserts that the output does not contain the password.
pub fn check(definitions: &Value, limits: Limits, dns: Option<SocketAddr>) -> Run {
    let timeout = format!("{}ms", limits.timeout.as_millis());
    let concurrency = limits.concurrency.to_string();
    // GNU time reports the peak only for a release build, whose figures are published: some of its runs end before the
    // process can be watched.
    let report = is_release().then(kernel::Report::new);
    let mut command = report.as_ref().map_or_else(|| Command::new(binary()), |report| report.command(binary()));
    let began = Instant::now();
    let mut child = command
        .args(["check", "-", "--allow-empty", "--format", "ndjson", "--timeout", &timeout])
        .args(["--concurrency", &concurrency, "--per-host", &concurrency])
        .args(dns.map(|server| format!("--dns-server={server}")))
        .env_remove("RUST_LOG")
        .env("CONNPROBE_STATE", crate::state::anew())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{} does not start: {error}", command.get_program().display()));
    let over = Arc::<AtomicBool>::default();
    let watching = thread::spawn({
        let (id, is_reported, over) = (child.id(), report.is_some(), Arc::clone(&over));
        move || watch(id, is_reported, &over)
    });
    let mut errors = child.stderr.take().unwrap();
    let complaining = thread::spawn(move || {
        let mut text = String::new();
        drop(errors.read_to_string(&mut text));
        text
    });
    child.stdin.take().unwrap().write_all(definitions.to_string().as_bytes()).expect("connprobe reads its input");

    let (mut told, mut summary) = (Vec::new(), Value::Null);
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let at = Instant::now();
        let line = line.expect("text");
        assert!(!line.contains(CANARY), "the password is in {line}");
        let result: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        if result["kind"] == "summary" {
            summary = result;
        } else {
            let started = result["started_at"].as_str().and_then(|time| time.parse::<jiff::Timestamp>().ok());
            told.push(Told { started: started.map_or(began, |time| instant_of(time.into())), result, at });
        }
    }
    let took = began.elapsed();
    over.store(true, Ordering::Relaxed);
    let (peak, starved) = watching.join().unwrap();
    let status = child.wait().expect("connprobe ends");
    let peak = report.map_or(peak, |report| report.peak());
    let complaints = complaining.join().unwrap();
    assert!(!complaints.contains(CANARY) && !complaints.contains("panicked"), "{complaints}");
    assert!(matches!(status.code(), Some(0 | 1)), "{status}: {complaints}");
    let total = told.len();
    assert_eq!(summary["summary"]["total"], total, "every result is counted once");
    Run { told, peak, took, starved }
}

/// Watches the process until `over` is set. If it is GNU time (`reports`), watches the process that it started.
fn watch(id: u32, reports: bool, over: &AtomicBool) -> (u64, Starvation) {
    let mut id = id;
    while reports && !over.load(Ordering::Relaxed) {
        if let Some(program) = kernel::started_by(id) {
            id = program;
            break;
        }
        thread::yield_now();
    }
    let mut watch = Watch::new(id);
    let mut peak = 0;
    while !over.load(Ordering::Relaxed) {
        thread::sleep(super::starvation::INTERVAL);
        watch.look();
        peak = peak.max(high_water(id));
    }
    watch.look();
    (peak, watch.into_starvation())
}

/// The peak memory of process `id` so far, in bytes.
fn high_water(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap_or_default() * 1024
}
