//! A long-running program: one engine checks the connections of a file again and again. After each round it prints, as
//! one line of JSON, the results and what the process uses. Usage: `soak FILE SECONDS INTERVAL_SECONDS`.
//!
//! Besides the built-in drivers there is `simulated`, a login without I/O that takes a few milliseconds.

use std::error::Error;
use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use connprobe::driver::{
    Attempt, Circumstances, Driver, Encryption, Fields, Plan, Probe, Proof, Refusal, Spec, Target,
};
use connprobe::engine::{Engine, EngineConfig, Job, Settings};
use connprobe::model::event::Event;
use connprobe::model::failure::Failure;
use connprobe::model::fingerprint::Fingerprint;
use connprobe::model::phase::Phase;
use connprobe::net::dial::Endpoint;
use connprobe::{Connection, Registry, source};
use serde_json::{Value, json};

static SPEC: Spec = Spec::new("simulated", "Simulated", &[("simulated", 1)], Proof::by_code("nothing"));

/// The bound on one login.
const TIMEOUT: Duration = Duration::from_secs(2);

struct Simulated;

impl Driver for Simulated {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn plan(&self, connection: &Connection) -> Result<Plan, Refusal> {
        let mut fields = Fields::new(&SPEC, connection);
        let host = fields.host().unwrap_or_default().to_owned();
        let port = fields.port(1);
        let login = fields.login().unwrap_or_default().to_owned();
        let warnings = fields.finish()?;
        Ok(Plan::builder(
            Target { host: Some(host.clone()), port: Some(port), database: None },
            vec![Endpoint::Tcp { host, port }],
            Circumstances::of(Encryption::Irrelevant),
        )
        .account(login.clone())
        .credential(Some(Fingerprint::of(&[&login])))
        .login(login)
        .warnings(warnings)
        .build(Arc::new(Pause(Duration::from_millis(u64::from(port % 20))))))
    }
}

struct Pause(Duration);

#[async_trait]
impl Probe for Pause {
    async fn run(&self, attempt: &Attempt) -> Result<(), Failure> {
        attempt.recorder.enter(Phase::Auth);
        attempt.credential_sent();
        tokio::time::sleep(self.0).await;
        attempt.credential_accepted();
        Ok(())
    }
}

/// What this process uses: threads, descriptors, and resident memory in KiB.
fn usage() -> Result<(u64, usize, u64), Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let number = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    let missing = "this system does not say what a process uses";
    let threads = number("Threads:").ok_or(missing)?;
    let memory = number("VmRSS:").ok_or(missing)?;
    // One of them is that of the listing itself.
    Ok((threads, fs::read_dir("/proc/self/fd")?.count() - 1, memory))
}

fn main() -> Result<(), Box<dyn Error>> {
    let [file, seconds, interval]: [String; 3] = std::env::args()
        .skip(1)
        .collect::<Vec<_>>()
        .try_into()
        .map_err(|_| "usage: soak FILE SECONDS INTERVAL_SECONDS")?;
    let (length, interval) = (Duration::from_secs_f64(seconds.parse()?), Duration::from_secs_f64(interval.parse()?));
    let registry = Registry::builtin().with(Simulated);
    let engine = Engine::new(EngineConfig::default().per_host(64))?;
    let runtime = tokio::runtime::Runtime::new()?;
    let begun = Instant::now();
    let mut round = 0;
    while begun.elapsed() < length {
        round += 1;
        let started = Instant::now();
        let loaded = runtime.block_on(source::load(&file.parse()?, &source::Settings::default().into()))?;
        let settings = Settings { timeout: TIMEOUT, ..Settings::default() };
        let job = Job { registry: registry.clone(), ..Job::new(loaded.connections, settings) };
        let mut counts = None;
        let mut not_ok: Vec<Value> = Vec::new();
        for event in engine.run(job)?.events {
            match event {
                Event::Finished(summary) => counts = Some(summary.counts),
                Event::Result(result) => {
                    if let Some(failure) = &result.failure {
                        not_ok.push(json!([result.conn_id, failure.reason]));
                    }
                }
                _ => {}
            }
        }
        let took = started.elapsed();
        std::thread::sleep(interval.saturating_sub(took));
        let (threads, descriptors, memory) = usage()?;
        let counts = counts.ok_or("a run ended without a summary")?;
        println!(
            "{}",
            json!({"round": round, "total": counts.total, "ok": counts.ok, "seconds": took.as_secs_f64(),
                "threads": threads, "descriptors": descriptors, "memory": memory, "not_ok": not_ok})
        );
    }
    Ok(())
}
