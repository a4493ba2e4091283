//! `Verdict`: whether a cell had its expected result in time.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};

use super::process::{Limits, Run, check};
use super::set::Set;
use crate::matrix::{Expected, Pace};
use crate::speech::{self, Driver};
use crate::{dns, reasons};

/// The maximum time to the report of a fast fault. Without optimisation, reading a flood of a megabyte takes longer.
const FAST: Duration = Duration::from_millis(if cfg!(debug_assertions) { 500 } else { 250 });

/// The maximum delay after the deadline for a slow fault.
const LATE: Duration = Duration::from_millis(100);

/// The tolerance for the difference of clocks and the start of the peer.
const EARLY: Duration = Duration::from_millis(25);

/// The verdict about one cell.
pub struct Verdict {
    /// How the result differs from the expected one; empty if it does not.
    pub wrong: Vec<String>,
    /// The time to the result: from the fault, or, for a slow fault, from the beginning of the check.
    pub took: Duration,
    /// The reason of the result, or `-` for `ok`.
    pub reason: String,
}

/// Checks all of `sets` in one process and judges each result.
pub fn run(sets: &[Set], limits: Limits) -> (BTreeMap<String, Verdict>, Run) {
    let definitions: Map<String, Value> = sets.iter().map(|set| (set.name.clone(), set.definition.clone())).collect();
    assert_eq!(definitions.len(), sets.len(), "names are unique");
    let dns = sets.iter().any(|set| set.named).then(dns::server_address);
    let run = check(&Value::Object(definitions), limits, dns);
    let verdicts = sets.iter().map(|set| (set.name.clone(), judge(set, &run, limits))).collect();
    (verdicts, run)
}

/// The cells with a wrong result, with their names.
pub fn wrong(verdicts: &BTreeMap<String, Verdict>) -> Vec<String> {
    let wrong = verdicts.iter().filter(|(_, verdict)| !verdict.wrong.is_empty());
    wrong.map(|(name, verdict)| format!("{name}: {}", verdict.wrong.join("; "))).collect()
}

fn judge(set: &Set, run: &Run, limits: Limits) -> Verdict {
    let mut wrong = Vec::new();
    let told: Vec<_> = run.told.iter().filter(|told| told.result["conn_id"] == set.name.as_str()).collect();
    let [told] = told[..] else {
        return Verdict { wrong: vec![format!("{} results", told.len())], took: Duration::ZERO, reason: String::new() };
    };
    let Expected { class, phase, pace } = set.expected;
    let text = |field: &str| told.result[field].as_str().unwrap_or("-").to_owned();
    let mut is_class = if text("status") == "ok" { "ok".to_owned() } else { text("class") };
    let since = told.started;
    // If the process reports a busy machine, and the measurement from outside agrees, a late result is accepted.
    let busy = text("reason") == reasons::BUSY;
    if is_class == "local" && class == "timeout" && busy && run.starved.stretch(LATE, since, told.at) > LATE * 3 / 2 {
        class.clone_into(&mut is_class);
    } else if class != "ok" && set.reason.as_ref().is_some_and(|reason| !reasons::allows(reason, &text("reason"))) {
        let expected = set.reason.as_deref().unwrap_or_default();
        wrong.push(format!("reason {} instead of {expected}: {}", text("reason"), text("message")));
    }
    if is_class != class || class != "ok" && text("phase") != phase {
        wrong.push(format!(
            "{is_class}/{} instead of {}: {} ({})",
            text("phase"),
            set.expected,
            text("message"),
            text("detail")
        ));
    }
    let seen = set.watch.seen();
    let began = seen.accepted.unwrap_or(told.started);
    let since = match pace {
        Pace::Fast => seen.acted.unwrap_or(began).min(told.at),
        Pace::Deadline => began,
    };
    let took = told.at.duration_since(since);
    let stretched = |limit| run.starved.stretch(limit, since, told.at);
    let most = match pace {
        Pace::Fast => stretched(FAST),
        Pace::Deadline => limits.timeout + stretched(LATE),
    };
    if took > most {
        wrong.push(format!("told after {took:?}, with {most:?} allowed"));
    }
    // The peer may record the connection late; the process reports when the check began.
    let whole = told.at.duration_since(told.started.min(began));
    if pace == Pace::Deadline && whole + EARLY < limits.timeout {
        wrong.push(format!("told after {whole:?}, before the deadline"));
    }
    wrong.extend(ill_worded(&told.result, set.names));
    for place in set.shows {
        if told.result.pointer(place).and_then(Value::as_str).is_none_or(str::is_empty) {
            wrong.push(format!("nothing at {place}"));
        }
    }
    if seen.connections > set.driver.connections {
        wrong.push(format!("{} connections", seen.connections));
    }
    if leaks(&seen.heard, set.driver) {
        wrong.push("the password went over the wire as it is".to_owned());
    }
    Verdict { wrong, took, reason: text("reason") }
}

/// What is wrong with the texts of a result. A message must be a fragment and name `expected`; a hint must give a
/// remedy.
fn ill_worded(result: &Value, expected: Option<&str>) -> Option<String> {
    if result["status"] == "ok" {
        return None;
    }
    let text = |field: &str| result[field].as_str().unwrap_or_default();
    let (message, hint) = (text("message"), text("hint"));
    for (name, text) in [("message", message), ("hint", hint)] {
        let acronym = text.chars().take(2).all(|first| first.is_uppercase() || first.is_ascii_digit());
        let begins = text.starts_with(char::is_uppercase) && !acronym;
        if text.is_empty()
            || text.ends_with('.')
            || begins && !["Azure", "Atlas", "ElastiCache", "Upstash"].iter().any(|own| text.starts_with(own))
        {
            return Some(format!("the {name} is `{text}`"));
        }
    }
    let missing = expected.filter(|expected| !message.to_lowercase().contains(&expected.to_lowercase()));
    missing.map(|missing| format!("`{message}` does not name `{missing}`"))
}

/// Whether the password is in `bytes` more often than the protocol itself sends it in clear.
fn leaks(bytes: &[u8], driver: Driver) -> bool {
    let canary = speech::CANARY.as_bytes();
    let bare = bytes.windows(canary.len()).filter(|window| *window == canary).count();
    bare > (driver.passwords)(bytes)
}
