//! `Verdict`: whether what came of a cell is what must come of it, in time.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};

use super::process::{Limits, Run, check};
use super::set::Set;
use crate::matrix::{Expected, Pace};
use crate::speech::{self, Driver};
use crate::{dns, reasons};

/// A fast fault is reported within this time; without optimisation, a flood of a megabyte takes longer to read.
const FAST: Duration = Duration::from_millis(if cfg!(debug_assertions) { 500 } else { 250 });

/// And a slow one so soon after its deadline.
const LATE: Duration = Duration::from_millis(100);

/// Clocks and the peer's own start may differ by this.
const EARLY: Duration = Duration::from_millis(25);

/// What became of one cell.
pub struct Verdict {
    /// Why it is not as it must be.
    pub wrong: Vec<String>,
    /// From the fault, or for a slow one from the beginning, to the result.
    pub took: Duration,
    /// Why it is not ok, or `-`.
    pub reason: String,
}

/// Checks all of `sets` in one process and judges each result.
pub fn run(sets: &[Set], limits: Limits) -> (BTreeMap<String, Verdict>, Run) {
    let definitions: Map<String, Value> = sets.iter().map(|set| (set.name.clone(), set.definition.clone())).collect();
    assert_eq!(definitions.len(), sets.len(), "names are unique");
    let dns = sets.iter().any(|set| set.named).then(dns::server);
    let run = check(&Value::Object(definitions), limits, dns);
    let verdicts = sets.iter().map(|set| (set.name.clone(), judge(set, &run, limits))).collect();
    (verdicts, run)
}

/// What is wrong, by name.
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
    // Where the machine was busy with others, seen from outside too, nobody is blamed for the time.
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
    // The peer may notice late that somebody came, the process knows when it began.
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

/// What is wrong with the words of a result: a message is a fragment, a hint says what to do, and the
/// message names `expected`.
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

/// Whether the password is in `bytes`, but for the places where the protocol has no other.
fn leaks(bytes: &[u8], driver: Driver) -> bool {
    let canary = speech::CANARY.as_bytes();
    let bare = bytes.windows(canary.len()).filter(|window| *window == canary).count();
    bare > (driver.passwords)(bytes)
}
