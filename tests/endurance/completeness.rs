//! Ten thousand definitions, a thousand of them for hostile servers. Each has exactly one result. The honest ones have
//! the same results, in the same time, as without the hostile ones, and the memory stays bounded.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use serde_json::Value;

use crate::crowd::{Expected, honest, hostile, infiltrated, input};
use crate::process::{Process, connprobe, is_release};
use crate::report::{Report, class};

/// The maximum memory of the process, in bytes.
const MEMORY: u64 = 256 << 20;

/// The maximum ratio of the whole run's time to that of the honest definitions alone.
const LONGER: f64 = 1.15;

/// The same for an unoptimised build, which reads floods slowly.
const LONGER_UNOPTIMISED: f64 = 3.0;

/// Checks a crowd. Returns its results, and the time that this took without the time stolen from this machine.
fn check(definitions: &BTreeMap<String, Expected>) -> (BTreeMap<String, Value>, Duration) {
    let stolen_before = stolen();
    // All of the servers are at addresses of the local machine, which count as one host.
    let arguments = ["check", "-", "--format", "json", "--concurrency", "256", "--per-host", "256", "--timeout", "30s"];
    let ended = Process::start(&mut connprobe(&arguments), input(definitions)).end();
    assert_eq!((ended.status.code(), ended.stderr.as_str()), (Some(1), ""));
    assert!(ended.peak > 0 && ended.peak <= MEMORY, "{} MiB", ended.peak >> 20);
    let report = Report::of(&ended.stdout, "json", definitions);
    assert_eq!(report.ended, "complete");
    for (name, result) in &report.results {
        // On a busy machine a flood may not be read to its limit in time, and logins to a MySQL server that breaks off
        // five handshakes are withheld.
        let Expected { class: expected, hostile, .. } = definitions[name];
        let drowned = hostile && ["timeout", "local"].contains(&class(result));
        let left_alone = hostile && result["reason"] == "server_protected";
        assert!(class(result) == expected || drowned || left_alone, "{name}: {result}");
    }
    let (count, stolen) = (definitions.len(), stolen().saturating_sub(stolen_before));
    println!("{count} definitions in {:.2?}, of which {stolen:.2?} stolen, peak {} MiB", ended.took, ended.peak >> 20);
    (report.results, ended.took.saturating_sub(stolen))
}

/// How long other virtual machines have used the processors, which these runs keep busy: "steal" in `/proc/stat`,
/// proc(5), in hundredths of a second.
fn stolen() -> Duration {
    let text = fs::read_to_string("/proc/stat").expect("/proc/stat");
    let stolen: u64 = text
        .lines()
        .next()
        .and_then(|all| all.split_whitespace().nth(8))
        .and_then(|ticks| ticks.parse().ok())
        .expect("the time that was stolen");
    let processors = text.lines().filter(|line| line.starts_with("cpu")).count() - 1;
    Duration::from_millis(stolen * 10) / u32::try_from(processors).expect("not so many")
}

/// A result without its times.
fn timeless(result: &Value) -> Value {
    let mut result = result.clone();
    let fields = result.as_object_mut().expect("an object");
    fields.retain(|field, _| !["started_at", "seconds", "queued_seconds"].contains(&field.as_str()));
    for phase in fields.get_mut("phases").and_then(Value::as_array_mut).into_iter().flatten() {
        phase.as_object_mut().expect("a phase").remove("seconds");
    }
    result
}

/// Checks `count` definitions, a tenth of them hostile, and the honest ones alone, `times` times in turn. Returns how
/// much longer the whole takes, by the medians.
fn compare(count: usize, times: usize) -> f64 {
    let (honest, hostile) = (honest(), hostile());
    let all = infiltrated(count, &honest, &hostile);
    let alone: BTreeMap<_, _> =
        all.iter().filter(|(_, one)| !one.hostile).map(|(name, one)| (name.clone(), one.clone())).collect();
    assert_eq!((all.len(), alone.len()), (count, count - count / 10));
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for _ in 0..times {
        let ((whole, took), (part, took_alone)) = (check(&all), check(&alone));
        for (name, result) in &part {
            assert_eq!(timeless(result), timeless(&whole[name]), "{name}");
        }
        with.push(took);
        without.push(took_alone);
    }
    median(with).div_duration_f64(median(without))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[test]
fn a_thousand_hostile_servers_change_nothing_for_nine_thousand_honest_ones() {
    let (longer, bound) =
        if is_release() { (compare(10_000, 5), LONGER) } else { (compare(1_000, 1), LONGER_UNOPTIMISED) };
    println!("with the hostile servers it takes {longer:.2} times as long");
    assert!(longer <= bound, "{longer}");
}
