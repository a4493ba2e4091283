//! The memory of a release build, which holds passwords, is never written to a core file (that of a debug build may be
//! inspected), and the search for secrets in foreign texts uses a bounded amount of memory.

use std::fs;
use std::process::Command;

use rustix::process::Signal;
use serde_json::{Map, Value, json};

use crate::crowd::{definitions, input, silent};
use crate::process::{Process, connprobe, is_release, send};

#[test]
fn a_release_build_leaves_no_core_file() {
    let servers = silent();
    let definitions = definitions(2, &servers);
    let ready = connprobe(&[]);
    // The maximum that the system allows.
    let shell = "ulimit -S -c \"$(ulimit -H -c)\" && exec \"$0\" check - --timeout 30s";
    let mut command = Command::new("/bin/bash");
    command.args(["-c", shell]).arg(ready.get_program()).env_clear();
    command.envs(ready.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let process = Process::start(&mut command, input(&definitions));
    process.wait_until_it_logs_in();
    let limits = fs::read_to_string(format!("/proc/{}/limits", process.id())).expect("it runs");
    let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).expect("a limit");
    let [soft, hard] = core.split_whitespace().take(2).collect::<Vec<_>>()[..] else { panic!("{core}") };
    let protected = is_release() || !cfg!(debug_assertions);
    assert_eq!(soft, if protected { "0" } else { hard });
    send(process.id(), Signal::TERM);
    process.end();
}

/// The secrets of this many definitions, one each, take at most this much memory, in bytes.
const MANY: u64 = 100_000;
const MEMORY_OF_MANY: u64 = 200 << 20;

/// A password of twenty letters and signs, different for each number.
fn password(number: u64) -> String {
    const LETTERS: &[u8] = b"abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789!%+=/";
    let mut rest = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut letter = || {
        rest = rest.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let place = usize::try_from(rest >> 40).expect("24 bits") % LETTERS.len();
        char::from(LETTERS[place])
    };
    (0..20).map(|_| letter()).collect()
}

/// With `--no-detail` texts are not searched for secrets, so the difference is the memory that the secrets take. The
/// type of these definitions has no driver, so there are no logins.
#[test]
fn the_secrets_of_many_definitions_fit_into_memory() {
    // An unoptimised build reads slowly.
    let count = if is_release() { MANY } else { MANY / 10 };
    let definitions: Map<String, Value> = (0..count)
        .map(|number| {
            let definition = json!({
                "conn_type": "nothing", "host": "db.example", "schema": "sales", "login": format!("etl_{number}"), "password": password(number),
            });
            (format!("warehouse_{number}"), definition)
        })
        .collect();
    let input = Value::Object(definitions).to_string();
    let peak = |more: &[&str]| {
        let arguments = [&["check", "-", "--format", "ndjson", "--allow-empty"], more].concat();
        let ended = Process::start(&mut connprobe(&arguments), input.clone()).end();
        let results = ended
            .stdout
            .lines()
            .filter(|line| line.starts_with("{\"kind\":\"result\"") && line.contains("\"no_driver\""))
            .count();
        assert_eq!(u64::try_from(results).ok(), Some(count));
        ended.peak
    };
    let (with, without) = (peak(&[]), peak(&["--no-detail"]));
    let taken = with.saturating_sub(without);
    println!("the secrets of {count} definitions take {} KiB", taken >> 10);
    // The peaks of two identical runs differ by some MiB.
    assert!(taken <= MEMORY_OF_MANY * count / MANY, "{with} and {without} bytes");
}
