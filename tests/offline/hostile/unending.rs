//! Texts that take long to search for secrets: they do not delay the end of a run, and are not shown without a search.

use std::io::Write as _;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::hostile::peers::{peer, read_some};
use crate::hostile::run::stdout;
use crate::process;

/// Random bytes in Base64, different for each `number`.
fn noise(number: u64) -> String {
    let mut state = number.wrapping_mul(0x2545_f491_4f6c_dd1d) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    // A build without optimisation searches much more slowly.
    let words = if cfg!(debug_assertions) { 20 } else { 100 };
    STANDARD.encode(std::iter::repeat_with(&mut next).take(words).flatten().collect::<Vec<u8>>())
}

/// A PostgreSQL server that refuses each login with `count` long texts, all of them new.
fn server(count: u64) -> u16 {
    let number = AtomicU64::new(1);
    peer(move |mut stream| {
        read_some(&mut stream);
        drop(stream.write_all(b"N"));
        read_some(&mut stream);
        let said = |kind: char| format!("{kind}{}\0", noise(number.fetch_add(1, Ordering::Relaxed)));
        let texts: String = ['M', 'D', 'H'].into_iter().take(usize::try_from(count).unwrap()).map(said).collect();
        let fields = format!("SFATAL\0VFATAL\0C28P01\0{texts}Rauth_failed\0\0");
        let length = u32::try_from(fields.len() + 4).unwrap().to_be_bytes();
        drop(stream.write_all(&[b"E", &length[..], fields.as_bytes()].concat()));
    })
}

/// Definitions of `count` accounts. Their passwords have letters that are searched for in several spellings.
fn definitions(count: usize, port: u16) -> String {
    let definition = |number: usize| {
        let definition = json!({"conn_type": "postgres", "host": "127.0.0.1", "port": port, "login": format!("u{number}"),
            "password": format!("Paßwort-{number}-Füchse")});
        (format!("c{number}"), definition)
    };
    Value::Object((0..count).map(definition).collect()).to_string()
}

/// The number of results without a detail, whose warning is that it was not searched. Checks that there are `count`
/// results.
fn withheld(report: &str, count: usize) -> usize {
    let report: Value = serde_json::from_str(report).unwrap_or_else(|error| panic!("{error}: {report}"));
    let results = report["results"].as_array().unwrap();
    assert_eq!((results.len(), &report["summary"]["total"]), (count, &json!(count)));
    let withheld = results.iter().filter(|result| {
        let warnings = result["warnings"].as_array().unwrap();
        let is_withheld = warnings.iter().any(|warning| warning["code"] == "text_withheld");
        assert!(!is_withheld || result["detail"].is_null(), "{result}");
        is_withheld
    });
    withheld.count()
}

const ARGUMENTS: [&str; 8] = ["check", "-", "--format", "json", "--timeout", "1s", "--concurrency", "64"];

#[test]
fn a_deadline_holds_while_texts_are_searched() {
    let count = if cfg!(debug_assertions) { 300 } else { 3000 };
    let input = definitions(count, server(3));
    let since = Instant::now();
    let report = stdout(&[&ARGUMENTS[..], &["--per-host", "64", "--deadline", "2s"]].concat(), &input);
    let took = since.elapsed();
    // The bound allows for other load on the machine.
    assert!(took < Duration::from_secs(4), "{took:?}");
    assert!(withheld(&report, count) > 0, "{report}");
}

#[test]
fn a_signal_leaves_a_complete_report_while_texts_are_searched() {
    let count = if cfg!(debug_assertions) { 300 } else { 3000 };
    let mut command = process::connprobe(&[&ARGUMENTS[..], &["--per-host", "64"]].concat());
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(definitions(count, server(1)).as_bytes()).unwrap();
    thread::sleep(Duration::from_millis(700));
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    let since = Instant::now();
    let output = child.wait_with_output().unwrap();
    let took = since.elapsed();
    let most = Duration::from_secs(if cfg!(debug_assertions) { 3 } else { 1 });
    assert!(took < most, "{took:?}");
    assert!(withheld(&String::from_utf8(output.stdout).unwrap(), count) > 0);
    // A build without optimisation may have no time left to end by itself, or may have ended its logins before the
    // signal.
    assert!(cfg!(debug_assertions) || output.status.code() == Some(143), "{}", output.status);
}
