//! Cells → results: definitions that lead to peers, checked by the binary as a user runs it, and
//! clocked from outside of it.

pub mod kernel;
mod process;
mod starvation;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Map, Value};

pub use self::process::{Limits, Run, binary, check, is_release};
use crate::dns::{self, Naming, Question, Reply};
use crate::matrix::{Cell, Driver, Expected, Pace, SILENT, Target};
use crate::peer::{BlackHole, Listening, Peer, Script, Watched, refused};
use crate::speech;
use crate::{pki, reasons};

/// A fast fault is told within this time; without optimisation, a flood of a megabyte takes longer to read.
const FAST: Duration = Duration::from_millis(if cfg!(debug_assertions) { 500 } else { 250 });

/// And a slow one so soon after its deadline.
const LATE: Duration = Duration::from_millis(100);

/// Clocks and the peer's own start may differ by this.
const EARLY: Duration = Duration::from_millis(25);

/// A definition, who is watched at its other end, and what must come of it.
pub struct Set {
    name: String,
    definition: Value,
    expected: Expected,
    shows: &'static [&'static str],
    names: Option<&'static str>,
    /// `None` where any will do.
    reason: Option<String>,
    watch: Watched,
    /// Names are asked of the test's own DNS server.
    named: bool,
    _held: Held,
}

/// What has to live as long as the cell.
enum Held {
    Nothing,
    Listening { _listening: Listening },
    Port { _socket: socket2::Socket },
    BlackHole { _hole: BlackHole },
    Both { _listening: Listening, _hole: BlackHole },
}

impl Set {
    /// Starts whatever the cell leads to.
    pub fn up(name: String, cell: &Cell) -> Self {
        let here = || "127.0.0.1".to_owned();
        let (host, port, watch, held) = match &cell.target {
            Target::Peer(script) => {
                let peer = Peer::start(script.clone(), speech::framing(cell.driver));
                (here(), peer.listening.port, peer.watch, Held::Listening { _listening: peer.listening })
            }
            Target::Named(naming, script) => {
                let (name, peer) = named(*naming, script, cell.driver);
                (name, peer.listening.port, peer.watch, Held::Listening { _listening: peer.listening })
            }
            Target::BehindSilence(script) => {
                let (name, peer) = named(two_addresses, script, cell.driver);
                let hole = BlackHole::at(SILENT, peer.listening.port);
                (name, peer.listening.port, peer.watch, Held::Both { _listening: peer.listening, _hole: hole })
            }
            Target::Refused => {
                let (port, socket) = refused();
                (here(), port, Watched::default(), Held::Port { _socket: socket })
            }
            Target::BlackHole => {
                let hole = BlackHole::new();
                (here(), hole.port, Watched::default(), Held::BlackHole { _hole: hole })
            }
            Target::Host(host) => ((*host).to_owned(), 1, Watched::default(), Held::Nothing),
        };
        let host = (cell.spelled)(&host);
        let mut definition = cell.driver.definition(&host, port, cell.secure.then_some(pki::authority()));
        if let Value::Object(more) = &cell.extra {
            for (key, value) in more {
                definition["extra"][key] = value.clone();
            }
        }
        if cell.extra["srv"] == true {
            // The records tell the port.
            definition["port"] = Value::Null;
        }
        let reason = reasons::of(&name);
        Self {
            name,
            definition,
            expected: cell.expected,
            shows: cell.shows,
            names: cell.names,
            reason,
            watch,
            named: cell.is_named(),
            _held: held,
        }
    }

    /// The definition.
    pub fn definition(&self) -> &Value {
        &self.definition
    }

    /// What leads to a real server, through a proxy that is watched.
    pub fn through(name: String, definition: Value, watch: &Watched, expected: Expected) -> Self {
        Self {
            name,
            definition,
            expected,
            shows: &[],
            names: None,
            reason: None,
            watch: watch.clone(),
            named: false,
            _held: Held::Nothing,
        }
    }
}

/// A peer, and a name about which questions are answered by `naming`.
fn named(naming: Naming, script: &Script, driver: Driver) -> (String, Peer) {
    let peer = Peer::start(script.clone(), speech::framing(driver));
    (dns::name(naming, peer.listening.port, &peer.watch), peer)
}

fn two_addresses(question: &Question) -> Reply {
    dns::records(question, [dns::at(&SILENT.to_string()), dns::here()])
}

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
    let busy = text("reason") == "machine_busy";
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
    // Elsewhere than at AWS the keys are proved by a second request, with keys that nobody has.
    let allowed = if is_s3(&set.definition) { 2 } else { 1 };
    if seen.connections > allowed {
        wrong.push(format!("{} connections", seen.connections));
    }
    if leaks(&seen.heard) {
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
            || begins && !["Azure", "Atlas"].iter().any(|own| text.starts_with(own))
        {
            return Some(format!("the {name} is `{text}`"));
        }
    }
    let missing = expected.filter(|expected| !message.to_lowercase().contains(&expected.to_lowercase()));
    missing.map(|missing| format!("`{message}` does not name `{missing}`"))
}

fn is_s3(definition: &Value) -> bool {
    definition["conn_type"].as_str().is_some_and(|conn_type| ["s3", "aws", "minio"].contains(&conn_type))
}

/// Whether the password is in `bytes`.
fn leaks(bytes: &[u8]) -> bool {
    let canary = speech::CANARY.as_bytes();
    bytes.windows(canary.len()).any(|window| window == canary)
}

/// The instant that lies `ago` before now, for times that a process reports.
fn instant_of(time: std::time::SystemTime) -> Instant {
    let now = Instant::now();
    now.checked_sub(time.elapsed().unwrap_or_default()).unwrap_or(now)
}
