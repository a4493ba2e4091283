//! Events of made-up runs with a set clock, as the engine sends them, and what a report makes of them.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use connprobe::model::event::Event;
use connprobe::model::result::{CheckResult, Place};
use connprobe::report::Report;
use connprobe::report::github::{GitHub, Roots};
use connprobe::report::json::Json;
use connprobe::report::junit::Junit;
use connprobe::report::metrics::{Exposition, Metrics};
use connprobe::report::nagios::{Demands, Nagios};
use serde_json::{Value, json};

/// Text that means something in one of the formats, or to a terminal.
pub const HOSTILE: &str =
    "::error::x%0A##[add-mask]y\r\n::stop-commands::z|a=1;'\"<b>&]]>--\\ #{}\u{1b}[2J\u{7}\u{202e}\u{fffe},e=f";

/// A result with the fields of `more` beside those that every result has.
pub fn result(position: usize, name: Option<&str>, more: Value) -> CheckResult {
    let mut value = json!({
        "id": format!("{position:016x}"), "conn_id": name, "conn_type": "postgres", "driver": "postgres",
        "origin": format!("connections.json:{}#/{position}", position + 2), "host": "db1.example", "port": 5432,
        "database": "sales", "target": "db1.example:5432/sales", "address": "10.0.0.7:5432", "login": "etl", "status": "ok",
        "warnings": [], "facts": {}, "shared_with": [], "attempts": 1, "account": "postgres://etl@10.0.0.7:5432",
        "started_at": "2026-11-22T09:31:00.123Z", "queued_seconds": 0.0002, "seconds": 0.021, "phases": [
            {"phase": "resolve", "seconds": 0.001}, {"phase": "connect", "seconds": 0.0004}, {"phase": "auth", "seconds": 0.019}]
    });
    let Value::Object(more) = more else { panic!("no object: {more}") };
    value.as_object_mut().unwrap().extend(more);
    let mut result: CheckResult = serde_json::from_value(value).unwrap();
    result.position = position;
    result.place = Some(Place { file: std::path::Path::new("connections.json").into(), line: Some(position + 2) });
    result
}

/// The fields of a failure.
pub fn failed(status: &str, class: &str, reason: &str, message: &str) -> Value {
    json!({"status": status, "class": class, "reason": reason, "fields": ["login", "password"], "phase": "auth",
        "message": message, "hint": "check `login` and `password`"})
}

/// `fields` with those of `more`.
pub fn with(mut fields: Value, more: &Value) -> Value {
    fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    fields
}

/// The events of a run with these `results`, which ended with `more` in its summary.
#[expect(clippy::needless_pass_by_value, reason = "as it is made")]
pub fn events(results: Vec<CheckResult>, more: Value) -> Vec<Event> {
    let mut counts = connprobe::model::result::Counts::default();
    let mut causes = connprobe::model::cause::Causes::default();
    for result in &results {
        counts.add(result);
        causes.add(result);
    }
    let summary = json!({
        "kind": "summary", "schema_version": 1, "tool": "connprobe/1.2.3", "dry_run": false,
        "started_at": "2026-11-22T09:31:00.100Z", "seconds": 0.412, "ended": "complete", "warnings": [],
        "sources": [{"name": "connections.json", "connections": results.len(), "problem": null, "warnings": []}],
        "summary": counts, "causes": causes.into_vec()
    });
    let started = Event::Started { total: results.len(), sources: Vec::new() };
    let end = serde_json::from_value(with(summary, &more)).unwrap();
    let results = results.into_iter().map(|result| Event::Result(Arc::new(result)));
    std::iter::once(started).chain(results).chain([end]).collect()
}

/// A run with results of every kind.
pub fn every_kind() -> Vec<Event> {
    let chain = |ends: &str| json!({"subject": "CN=db1", "issuer": "CN=ca", "not_before": "2026-01-01T00:00:00Z", "not_after": ends});
    let tls = json!({"verified": true, "chain": [chain("2027-03-01T00:00:00Z"), chain("2027-02-01T00:00:00Z"), chain("odd")]});
    let ambiguous =
        json!({"warnings": [{"code": "ambiguous_conn_id", "message": "the name is shared with `b.json:3#/1`"}]});
    let refused = failed("failed", "auth", "login_refused", "login refused for user `etl`");
    let said = json!({"code": "28P01", "detail": "password authentication failed for user \"etl\""});
    let timeout = failed("failed", "timeout", "login_timeout", "no answer within 10 s");
    let open = json!({"seconds": 10.0, "attempts": 3, "phases": [{"phase": "connect", "seconds": 0.001}, {"phase": "auth", "seconds": 9.99, "open": true}]});
    let untried = json!({"attempts": 0, "phases": [], "seconds": 0.0, "address": null});
    let definition = with(failed("error", "definition", "bad_field", "`port` is not a number"), &untried);
    let held = json!({"held": {"since": "2026-11-22T08:00:00Z", "until": "2026-11-23T08:00:00Z", "refusals": 1}});
    let withheld = failed("error", "withheld", "account_held", "not tried: the account is left alone");
    let skipped = failed("skipped", "unsupported", "no_driver", "no driver for connection type `spark`");
    let spark = json!({"conn_type": "Spark", "driver": null, "target": null});
    let results = vec![
        result(0, Some("warehouse"), json!({"facts": {"server": "PostgreSQL", "tls": tls}})),
        result(1, Some("refused"), with(refused, &said)),
        result(2, Some("slow"), with(timeout, &open)),
        result(3, Some("typo"), definition),
        result(4, Some("held"), with(with(withheld, &untried), &held)),
        result(5, Some("jobs"), with(with(skipped, &untried), &spark)),
        result(6, Some("twin"), ambiguous.clone()),
        result(7, Some("twin"), ambiguous),
        result(8, None, json!({"warnings": [{"code": "tls_absent", "message": "the connection is not encrypted"}]})),
    ];
    events(results, json!({"warnings": [{"code": "ledger_not_kept", "message": "the ledger cannot be kept"}]}))
}

/// A wait: one connection that became ready, one that accepts logins and is not ready, one that is not there.
pub fn of_a_wait() -> Vec<Event> {
    let waited = |ready: Value| {
        json!({"attempts": 62, "seconds": 6.2, "waited": {"ready_seconds": ready, "spent": [
        {"reason": "connection_refused", "seconds": 3.1}, {"reason": "starting_up", "seconds": 2.9}]}})
    };
    let refused =
        failed("failed", "unreachable", "connection_refused", "nothing accepts connections at `10.0.0.7:5432`");
    let results = vec![
        result(0, Some("warehouse"), waited(json!(6.2))),
        result(1, Some("almost"), waited(Value::Null)),
        result(2, Some("absent"), with(refused, &waited(Value::Null))),
    ];
    events(results, json!({"ended": "deadline", "seconds": 60.0}))
}

/// A run in which every text that comes from somewhere else is [`HOSTILE`].
pub fn hostile() -> Vec<Event> {
    let warning = json!({"code": "unknown_extra", "message": HOSTILE});
    let texts = json!({"code": HOSTILE, "detail": HOSTILE, "message": HOSTILE, "hint": HOSTILE, "origin": HOSTILE,
        "conn_type": HOSTILE, "target": HOSTILE, "login": HOSTILE, "warnings": [warning]});
    let failure = with(failed("failed", "auth", "login_refused", ""), &texts);
    let problem = json!({"class": "not_found", "reason": "source_missing", "code": HOSTILE, "message": HOSTILE, "hint": HOSTILE, "detail": HOSTILE});
    let sources = json!([{"name": HOSTILE, "connections": 0, "problem": problem, "warnings": [warning]},
        {"name": HOSTILE, "connections": 1, "problem": null, "warnings": []}]);
    let mut all = vec![
        result(0, Some(HOSTILE), failure.clone()),
        result(1, Some(HOSTILE), failure),
        result(2, Some(HOSTILE), json!({"origin": HOSTILE})),
        // It is spelt as the others are shown.
        result(3, Some(&HOSTILE.escape_default().to_string()), json!({})),
        result(4, Some(&"long ".repeat(100)), json!({})),
        result(5, Some(&("long ".repeat(100) + "too")), json!({})),
        result(6, None, json!({"conn_type": null})),
    ];
    for result in &mut all {
        result.place.as_mut().unwrap().file = std::path::Path::new(HOSTILE).into();
    }
    events(all, json!({"sources": sources, "warnings": [{"code": "ledger_lost", "message": HOSTILE}]}))
}

/// What the report called `format` writes of `events`.
pub fn written(format: &str, events: &[Event], demands: &Demands) -> String {
    let out = Shared::default();
    let to = out.clone();
    let mut report: Box<dyn Report> = match format {
        "json" => Box::new(Json::new(to)),
        "junit" => Box::new(Junit::new(to)),
        "prometheus" => Box::new(Metrics::new(to, Exposition::Prometheus)),
        "openmetrics" => Box::new(Metrics::new(to, Exposition::OpenMetrics)),
        "nagios" => Box::new(Nagios::new(to, demands.clone())),
        "github" => Box::new(GitHub::new(to, Roots::default())),
        other => panic!("no report is called {other}"),
    };
    for event in events {
        report.event(event).unwrap();
    }
    drop(report);
    let bytes = std::mem::take(&mut *out.0.lock().unwrap());
    String::from_utf8(bytes).unwrap()
}

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
