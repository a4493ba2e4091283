//! Many definitions, or many names in one definition: their waiting times do not add up, and a slow one does not delay
//! the others.

use std::fs;
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use hickory_resolver::proto::rr::RecordType;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::dns::{self, Naming, Reply};
use crate::matrix::{example, other_example};
use crate::peer::{Peer, Step, Watched};
use crate::run::binary;

/// A DNS server that does not answer for names that begin with `silent`, and resolves the others to loopback.
const PARTLY_SILENT: Naming = |question| {
    if question.prefix.starts_with("silent") { Reply::Silence } else { dns::records(question, [dns::here()]) }
};

/// The JSON report of a run over `definitions`, and how long the process took.
fn check(definitions: Vec<Value>, arguments: &[&str]) -> (Value, Duration) {
    let since = Instant::now();
    let output = start(definitions, arguments).wait_with_output().unwrap();
    (serde_json::from_slice(&output.stdout).unwrap(), since.elapsed())
}

/// Starts a run over `definitions`.
fn start(definitions: Vec<Value>, arguments: &[&str]) -> Child {
    // An array, because some readers sort the keys of an object, and the order matters here.
    let input = Value::Array(definitions).to_string();
    let mut child = Command::new(binary())
        .env("CONNPROBE_STATE", crate::state::anew())
        .args(["check", "-", "--format", "json", &format!("--dns-server={}", dns::server_address())])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child
}

fn named(n: usize, mut definition: Value) -> Value {
    definition["conn_id"] = json!(format!("c{n}"));
    definition
}

fn results(report: &Value) -> &[Value] {
    report["results"].as_array().unwrap()
}

fn is(class: &str, phase: &str, result: &Value) -> bool {
    result["class"] == class && result["phase"] == phase
}

#[test]
fn twelve_silent_names_of_one_definition_share_its_time_limit() {
    let zone = dns::name(PARTLY_SILENT, 0, &Watched::default());
    let hosts: Vec<String> = (0..12).map(|n| format!("silent{n}.{zone}")).collect();
    let definition = example().definition(&hosts.join(","), 5432, None);
    let (report, took) = check(vec![named(0, definition)], &["--timeout", "600ms"]);
    assert!(is("timeout", "resolve", &results(&report)[0]), "{report:#}");
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[test]
fn silent_names_keep_no_healthy_target_waiting() {
    let peer = Peer::start(example().good(), example().framing);
    let zone = dns::name(PARTLY_SILENT, peer.listening.port, &Watched::default());
    let at = |host: String| example().definition(&host, peer.listening.port, None);
    let silent = (0..200).map(|n| at(format!("silent{n}.{zone}")));
    let good = (0..100).map(|n| at(format!("good{n}.{zone}")));
    let definitions = silent.chain(good).enumerate().map(|(n, definition)| named(n, definition)).collect();
    let (report, _) = check(definitions, &["--timeout", "1500ms", "--per-host", "64"]);
    let (silent, good) = results(&report).split_at(200);
    // On a machine that is busy with other work the class is `local` instead of `timeout`.
    let unknown = |result: &Value| ["timeout", "local"].iter().any(|class| is(class, "resolve", result));
    assert!(silent.iter().all(unknown), "{silent:#?}");
    assert!(good.iter().all(|result| result["status"] == "ok"), "{good:#?}");
}

/// The frozen server accepts connections and sends nothing.
#[test]
fn definitions_of_a_frozen_server_share_the_cause() {
    for accounts in [1, 100] {
        let frozen = Peer::start(vec![Step::Hold], example().framing);
        let definitions = (0..100).map(|n| {
            let mut definition = example().definition("127.0.0.1", frozen.listening.port, None);
            definition["login"] = json!(format!("login{}", n % accounts));
            definition["schema"] = json!(format!("db{n}"));
            named(n, definition)
        });
        let (report, took) = check(definitions.collect(), &["--timeout", "300ms"]);
        assert!(results(&report).iter().all(|result| is("timeout", example().first_phase(), result)), "{report:#}");
        assert_eq!(report["causes"].as_array().unwrap().len(), 1, "{:#}", report["causes"]);
        assert!(took < Duration::from_millis(1500), "{accounts} accounts: {took:?}");
        for shared in results(&report).iter().filter(|result| result["attempts"] == 0) {
            assert_eq!(shared["shared_with"].as_array().unwrap().len(), 2, "{shared:#}");
        }
        let tried = results(&report).iter().filter(|result| result["attempts"] == 1).count();
        assert!((3..=8).contains(&tried), "{accounts} accounts: {tried} were tried");
    }
}

#[test]
fn the_silence_of_one_says_nothing_of_others() {
    let frozen = Peer::start(vec![Step::Hold], example().framing);
    let good = Peer::start(example().good(), example().framing);
    // Another type at the port of the frozen server, and a healthy server at the same address.
    let definitions = (0..12).map(|n| {
        let driver = if n % 3 == 2 { other_example() } else { example() };
        let port = if n % 3 == 1 { good.listening.port } else { frozen.listening.port };
        let mut definition = driver.definition("127.0.0.1", port, None);
        definition["schema"] = json!(format!("db{n}"));
        named(n, definition)
    });
    let (report, _) = check(definitions.collect(), &["--timeout", "300ms"]);
    for (n, result) in results(&report).iter().enumerate() {
        assert_eq!(result["status"] == "ok", n % 3 == 1, "{result:#}");
    }
    let sharers = results(&report).iter().filter(|result| result["attempts"] == 0);
    for result in sharers {
        let with: Vec<&Value> = result["shared_with"].as_array().unwrap().iter().collect();
        let drivers =
            results(&report).iter().filter(|other| with.contains(&&other["id"])).map(|other| &other["driver"]);
        assert!(drivers.into_iter().all(|driver| *driver == result["driver"]), "{result:#}");
    }
}

#[test]
fn a_list_of_hosts_has_an_end() {
    let port = Peer::start(vec![Step::Hold], example().framing).listening.port;
    let listing = |count: usize| example().definition(&vec!["127.0.0.1"; count].join(","), port, None);
    let definitions = [64, 65, 5_000].map(listing).into_iter().enumerate();
    let (report, _) = check(definitions.map(|(n, one)| named(n, one)).collect(), &["--dry-run"]);
    let [most, more, many] = results(&report) else { panic!("{report:#}") };
    assert_eq!(most["status"], "ok", "{most:#}");
    for result in [more, many] {
        let told = (&result["class"], &result["fields"], &result["attempts"]);
        assert_eq!(told, (&json!("definition"), &json!(["host"]), &json!(0)), "{result:#}");
    }
}

/// A late DNS answer shortens the time that is left for the server: both share one limit.
#[test]
fn a_lookup_and_a_silent_server_share_one_limit() {
    let frozen = Peer::start(vec![Step::Hold], example().framing);
    let late: Naming = |question| match question.kind {
        RecordType::A => Reply::Late(vec![dns::here()]),
        _ => dns::records(question, []),
    };
    let host = dns::name(late, frozen.listening.port, &Watched::default());
    let definition = named(0, example().definition(&host, frozen.listening.port, None));
    let (report, _) = check(vec![definition], &["--timeout", "900ms"]);
    let result = &results(&report)[0];
    assert!(is("timeout", example().first_phase(), result), "{result:#}");
    let seconds = result["seconds"].as_f64().unwrap();
    assert!((0.8..1.2).contains(&seconds), "{result:#}");
}

/// The wait for a turn at the host does not count towards the time limit of the login.
#[test]
fn waiting_for_a_place_at_the_host_is_not_the_login_s_time() {
    let script = [vec![Step::Pause(Duration::from_millis(200))], example().good()].concat();
    let slow = Peer::start(script, example().framing);
    let definitions = (0..5).map(|n| {
        let mut definition = example().definition("127.0.0.1", slow.listening.port, None);
        definition["login"] = json!(format!("login{n}"));
        named(n, definition)
    });
    let (report, _) = check(definitions.collect(), &["--timeout", "600ms", "--per-host", "1"]);
    let results = results(&report);
    assert!(results.iter().all(|result| result["status"] == "ok"), "{results:#?}");
    let longest = results.iter().filter_map(|result| result["queued_seconds"].as_f64()).fold(0.0, f64::max);
    assert!(longest >= 0.8, "{longest}");
}

/// A signal ends lookups and the logins to a frozen server within half a second, with a result for each definition.
/// Lookups that go directly to a DNS server take no thread.
#[test]
fn a_signal_waits_for_no_silence() {
    let zone = dns::name(PARTLY_SILENT, 5432, &Watched::default());
    let frozen = Peer::start(vec![Step::Hold], example().framing);
    let silent = |n: usize| named(n, example().definition(&format!("silent{n}.{zone}"), 5432, None));
    let held = |n: usize| {
        let mut definition = example().definition("127.0.0.1", frozen.listening.port, None);
        definition["login"] = json!(format!("login{n}"));
        named(n, definition)
    };
    let silent: Vec<Value> = (0..200).map(silent).collect();
    let held: Vec<Value> = (0..200).map(held).collect();
    for (what, definitions) in [("silent names", silent), ("a frozen server", held)] {
        let child = start(definitions, &["--timeout", "30s"]);
        thread::sleep(Duration::from_millis(400));
        let id = i32::try_from(child.id()).unwrap();
        let threads = fs::read_dir(format!("/proc/{id}/task")).unwrap().count();
        assert!(threads < 32, "{what}: {threads} threads");
        kill_process(Pid::from_raw(id).unwrap(), Signal::TERM).unwrap();
        let since = Instant::now();
        let output = child.wait_with_output().unwrap();
        let took = since.elapsed();
        assert_eq!(output.status.code(), Some(143), "{what}");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let cancelled = results(&report).iter().filter(|result| result["class"] == "cancelled").count();
        assert_eq!(cancelled, 200, "{what}");
        assert!(took < Duration::from_millis(500), "{what}: {took:?}");
    }
}
