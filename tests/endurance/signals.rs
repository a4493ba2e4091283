//! SIGINT, SIGTERM and SIGHUP at any time: the report is complete, and the process ends within half a second.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::crowd::{Expected, definitions, input, of_every_kind, silent};
use crate::process::{Process, connprobe, is_release, send};
use crate::report::{Report, class};

/// The number of instants, in a release build and in an unoptimised one, which would take a minute for the first
/// number.
const INSTANTS: (u32, u32) = (200, 40);
/// The number of processes at once.
const AT_ONCE: u32 = 4;

/// The instants are within this time of the first login.
const WITHIN: Duration = Duration::from_millis(600);

/// The process ends within this time after a signal.
const GONE: Duration = Duration::from_millis(500);

/// A random time up to `most`.
fn random(most: Duration) -> Duration {
    let drawn = u32::try_from(RandomState::new().hash_one(()) >> 32).expect("32 bits");
    most.mul_f64(f64::from(drawn) / f64::from(u32::MAX))
}

/// Ends a run over `definitions` by `signal`, `after` its first login. Returns how long it took to end.
fn interrupted(definitions: &BTreeMap<String, Expected>, format: &str, signal: Signal, after: Duration) -> Duration {
    let arguments = ["check", "-", "--format", format, "--concurrency", "24", "--timeout", "30s"];
    let process = Process::start(&mut connprobe(&arguments), input(definitions));
    process.wait_until_it_logs_in();
    thread::sleep(after);
    let at = send(process.id(), signal);
    let ended = process.end();
    let status = 128 + signal.as_raw();
    assert_eq!((ended.status.code(), ended.stderr.as_str()), (Some(status), ""), "{signal:?} after {after:?}");
    let report = Report::of(&ended.stdout, format, definitions);
    assert_eq!(report.ended, "interrupted");
    for (name, result) in &report.results {
        assert!(["cancelled", definitions[name].class].contains(&class(result)), "{name}: {result}");
    }
    let took = ended.at - at;
    let most = ended.starved.stretch(GONE, at, ended.at);
    assert!(took <= most, "gone after {took:?}, with {most:?} allowed");
    took
}

#[test]
fn a_signal_at_any_instant_leaves_a_complete_report_within_half_a_second() {
    let servers = of_every_kind();
    let definitions = definitions(120, &servers);
    let instants = if is_release() { INSTANTS.0 } else { INSTANTS.1 };
    let (next, times) = (AtomicU32::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= instants {
                        return;
                    }
                    let signal = [Signal::INT, Signal::TERM, Signal::HUP][(number % 3) as usize];
                    let format = if number / 3 % 2 == 0 { "json" } else { "ndjson" };
                    let took = interrupted(&definitions, format, signal, random(WITHIN));
                    times.lock().expect("nobody failed").push(took);
                }
            });
        }
    });
    let mut times = times.into_inner().expect("nobody failed");
    times.sort();
    println!(
        "{} signals: gone after {:.1?} (median), {:.1?} (most)",
        times.len(),
        times[times.len() / 2],
        times[times.len() - 1]
    );
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let servers = silent();
    let definitions = definitions(1_000, &servers);
    // The report is not read, so the first signal cannot end the process.
    let mut command = connprobe(&["check", "-", "--format", "json", "--timeout", "30s"]);
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let process = Process::start(command.stdout(Stdio::from(writer)), input(&definitions));
    process.wait_until_it_logs_in();
    send(process.id(), Signal::INT);
    thread::sleep(Duration::from_millis(500));
    let at = send(process.id(), Signal::INT);
    let ended = process.end();
    drop(reader);
    assert_eq!(ended.status.signal(), Some(2), "{}", ended.status);
    let (took, most) = (ended.at - at, ended.starved.stretch(GONE, at, ended.at));
    assert!(took <= most, "gone after {took:?}, with {most:?} allowed");
}

/// One source is silent, another was read: the known definitions are reported.
#[test]
fn a_signal_while_a_source_is_read_leaves_a_complete_report() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let definitions = definitions(20, &silent());
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        for sources in [["-", "vault:secret/x"], ["vault:secret/x", "-"]] {
            let mut command = connprobe(&["check", "--format", "json", "--timeout", "30s"]);
            command.args(sources).env("VAULT_ADDR", &address).env("VAULT_TOKEN", "t");
            let process = Process::start(&mut command, input(&definitions));
            // The request to the backend arrives long after the other source was read.
            let (_asked, _) = listener.accept().expect("a connection");
            thread::sleep(Duration::from_millis(300));
            let at = send(process.id(), signal);
            let ended = process.end();
            assert_eq!(ended.status.code(), Some(128 + signal.as_raw()), "{sources:?}: {}", ended.stderr);
            let report: Value = serde_json::from_str(&ended.stdout).expect("a report");
            assert_eq!(report["ended"], "interrupted");
            assert_eq!(report["summary"]["total"], 20, "{sources:?}");
            assert_eq!(report["summary"]["by_class"]["cancelled"], 20, "{sources:?}");
            let read = report["sources"].as_array().expect("a list");
            let problem = |word: &str| &read[usize::from(sources[1] == word)]["problem"];
            assert_eq!(problem("-"), &Value::Null);
            let cut = problem("vault:secret/x");
            assert_eq!((&cut["class"], &cut["reason"]), (&json!("cancelled"), &json!("interrupted")), "{cut}");
            let (took, most) = (ended.at - at, ended.starved.stretch(GONE, at, ended.at));
            assert!(took <= most, "gone after {took:?}, with {most:?} allowed");
        }
    }
}
