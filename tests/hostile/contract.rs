//! What every driver of the registry owes: whatever answers on the port, or does not, its probe ends
//! in time with one result that names the fault.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::peers::{BlackHole, answering, closing, dripping, flooding, greeting, resetting, silent};
use connprobe::driver::Registry;
use serde_json::{Map, Value, json};

const TIMEOUT: Duration = Duration::from_secs(1);

/// A definition of `driver` for a server on `port`, as simple as it can be.
fn definition(driver: &str, port: u16) -> Value {
    let mut definition = json!({
        "conn_type": driver, "host": "127.0.0.1", "port": port,
        "login": format!("login{port}"), "password": "hunter2hunter2",
    });
    if driver == "s3" {
        definition["extra"] = json!({"endpoint_url": format!("http://127.0.0.1:{port}")});
        definition["schema"] = json!("bucket");
    }
    definition
}

/// A fault, its port, and the classes that it may end in.
struct Fault {
    name: &'static str,
    port: u16,
    classes: &'static [&'static str],
    /// Reported without waiting for the deadline.
    fast: bool,
}

fn faults(black_hole: &BlackHole) -> Vec<Fault> {
    let fault = |name, port, classes, fast| Fault { name, port, classes, fast };
    vec![
        fault("refused", 1, &["unreachable"], true),
        fault("black hole", black_hole.port, &["timeout"], false),
        fault("silence after accept", silent(), &["timeout"], false),
        fault("closed at once", closing(), &["unreachable"], true),
        fault("reset at once", resetting(), &["unreachable"], true),
        fault("an SSH banner", greeting(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"), &["protocol"], true),
        fault("an SMTP banner", greeting(b"220 mail.example.com ESMTP Postfix\r\n"), &["protocol"], true),
        fault("a Redis error", greeting(b"-ERR unknown command\r\n"), &["protocol"], true),
        fault("garbage", greeting(&[0xa7; 512]), &["protocol"], true),
        fault("an endless banner", flooding(b"0123456789abcdef"), &["protocol"], true),
        fault("endless zeros", flooding(&[0; 64]), &["protocol"], true),
        fault("a slow drip", dripping(b'N', Duration::from_millis(40)), &["timeout", "protocol", "tls"], false),
    ]
}

#[test]
fn whatever_answers_every_driver_ends_in_time_with_the_right_class() {
    let black_hole = BlackHole::new();
    let mut faults = faults(&black_hole);
    faults.push(Fault {
        name: "an HTTP server",
        port: answering(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        classes: &["protocol"],
        fast: true,
    });
    let drivers: Vec<&str> = Registry::builtin().drivers().map(|driver| driver.spec().name).collect();
    let mut definitions = Map::new();
    for driver in &drivers {
        for fault in &faults {
            definitions.insert(format!("{driver}: {}", fault.name), definition(driver, fault.port));
        }
    }
    let started = Instant::now();
    let report = check(&Value::Object(definitions));
    let took = started.elapsed();

    let results = report["results"].as_array().unwrap();
    assert_eq!(results.len(), drivers.len() * faults.len());
    let mut wrong = Vec::new();
    for result in results {
        let name = result["conn_id"].as_str().unwrap();
        let (driver, fault_name) = name.split_once(": ").unwrap();
        let fault = faults.iter().find(|fault| fault.name == fault_name).unwrap();
        // Both sides of MySQL wait: an HTTP server never speaks first.
        let waits = driver == "mysql" && fault_name == "an HTTP server";
        let classes = if waits { &["timeout"] } else { fault.classes };
        if !classes.contains(&result["class"].as_str().unwrap_or("ok")) {
            wrong.push(format!("{name}: {} in {}: {}", result["class"], result["phase"], result["message"]));
        }
        let seconds = result["seconds"].as_f64().unwrap();
        let limit = if fault.fast && !waits { TIMEOUT / 2 } else { TIMEOUT + Duration::from_millis(100) };
        if seconds > limit.as_secs_f64() {
            wrong.push(format!("{name}: took {seconds} s"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(!report.to_string().contains("hunter2"));
    assert!(took < 3 * TIMEOUT, "the run took {took:?}");
}

/// The report of one run over `definitions`, all at once.
fn check(definitions: &Value) -> Value {
    let timeout = format!("{}ms", TIMEOUT.as_millis());
    let mut child = Command::new(env!("CARGO_BIN_EXE_connprobe"))
        .args(["check", "-", "--format", "json", "--timeout", &timeout, "--concurrency", "256", "--per-host", "256"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(definitions.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}
