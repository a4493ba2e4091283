//! The reports for machines, from made-up events with a set clock: what they say is in a snapshot, and here are the rules
//! of each format, which hold whatever the texts are.

use std::collections::BTreeSet;

use connprobe::model::event::Event;
use connprobe::report::nagios::{Demands, Tally};
use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event as Xml;
use serde_json::json;

use crate::events::{HOSTILE, events, every_kind, failed, hostile, of_a_wait, result, with, written};
use crate::snapshot;

/// The reports for machines, by the names of their formats.
const FORMATS: [&str; 5] = ["junit", "prometheus", "openmetrics", "nagios", "github"];

fn demands() -> Demands {
    Demands { warning: Some("1".parse().unwrap()), critical: Some("~:5".parse().unwrap()), ..Demands::default() }
}

#[test]
fn what_each_report_says() {
    let unread = json!({"name": "b.yaml", "connections": 0, "problem": {"class": "not_found", "reason": "source_missing", "code": null,
        "message": "`b.yaml` does not exist", "hint": "check the name", "detail": null}, "warnings": []});
    let read = json!({"name": "connections.json", "connections": 1, "problem": null, "warnings": []});
    let fine = || events(vec![result(0, Some("warehouse"), json!({}))], json!({}));
    for (name, run) in [
        ("every kind", every_kind()),
        ("a wait", of_a_wait()),
        ("hostile", hostile()),
        ("fine", fine()),
        ("nothing", events(Vec::new(), json!({"sources": []}))),
        (
            "half of the sources",
            events(vec![result(0, Some("warehouse"), json!({}))], json!({"sources": [read, unread]})),
        ),
        (
            "dry run",
            events(vec![result(0, Some("warehouse"), json!({"attempts": 0, "phases": []}))], json!({"dry_run": true})),
        ),
    ] {
        for format in FORMATS {
            snapshot::hold("reports.txt", &format!("{format}, {name}"), &written(format, &run, &demands()));
        }
    }
}

/// The order in which results arrive makes no difference, except for the names in causes.
#[test]
fn reports_are_in_the_order_of_the_definitions() {
    let run = |order: [usize; 3]| {
        let one = |position: usize| result(position, Some(&format!("c{position}")), json!({"seconds": position + 1}));
        events(order.map(one).into(), json!({}))
    };
    for format in FORMATS {
        let expected = written(format, &run([0, 1, 2]), &demands());
        assert_eq!(written(format, &run([2, 0, 1]), &demands()), expected, "{format}");
    }
}

/// The exit status that the plugin API asks for, by results and demands.
#[test]
fn a_plugin_has_the_worst_state_that_a_result_asks_for() {
    let ok = |seconds: f64| (format!("ok{seconds}"), json!({"seconds": seconds}));
    let bad = |status: &str, class: &str, reason: &str| (status.to_owned(), failed(status, class, reason, "m"));
    let (failed, error) = (bad("failed", "auth", "login_refused"), bad("error", "local", "out_of_ports"));
    let skipped = bad("skipped", "unsupported", "no_driver");
    let plain = Demands::default();
    let ranges = demands();
    let strict = Demands { strict: true, ..Demands::default() };
    let lenient = Demands { allow_empty: true, ..Demands::default() };
    for (results, demands, is_blind, status) in [
        (vec![ok(0.5)], &plain, false, 0),
        (vec![ok(99.0)], &plain, false, 0),
        (vec![ok(0.5)], &ranges, false, 0),
        (vec![ok(0.5), ok(1.5)], &ranges, false, 1),
        (vec![ok(5.5), ok(1.5)], &ranges, false, 2),
        (vec![ok(0.5), failed.clone()], &plain, false, 2),
        (vec![ok(0.5), error.clone()], &plain, false, 3),
        (vec![ok(1.5), error.clone()], &ranges, false, 1),
        (vec![failed.clone(), error.clone()], &plain, true, 2),
        (vec![ok(0.5)], &plain, true, 3),
        (vec![ok(0.5), skipped.clone()], &plain, false, 0),
        (vec![ok(0.5), skipped.clone()], &strict, false, 3),
        (vec![skipped.clone()], &plain, false, 3),
        (vec![skipped], &lenient, false, 0),
        (vec![], &plain, false, 3),
        (vec![], &lenient, false, 0),
        (vec![error], &lenient, false, 3),
    ] {
        let problem = json!({"class": "not_found", "reason": "source_missing", "code": null, "message": "m", "hint": null, "detail": null});
        let source = json!({"name": "s", "connections": 0, "problem": if is_blind { problem } else { json!(null) }, "warnings": []});
        let results: Vec<_> =
            results.iter().enumerate().map(|(at, (name, more))| result(at, Some(name), more.clone())).collect();
        let mut tally = Tally::default();
        for result in &results {
            tally.add(result);
        }
        let run = events(results, json!({"sources": [source]}));
        let Some(Event::Finished(summary)) = run.last() else { panic!("no summary") };
        let state = tally.state(summary, demands);
        let text = written("nagios", &run, demands);
        assert_eq!(state.status(), status, "{text}");
        assert_eq!(text.split([' ', ':']).nth(1), Some(state.as_str()), "{text}");
    }
}

#[test]
fn what_is_ready_passes_whatever_its_last_login_met() {
    let refused = failed("failed", "unreachable", "connection_refused", "nothing accepts connections");
    let inverted = with(refused, &json!({"waited": {"ready_seconds": 2.5, "spent": []}}));
    let run = events(vec![result(0, Some("gone"), inverted)], json!({}));
    assert!(written("nagios", &run, &Demands::default()).starts_with("LOGIN OK: "));
    assert!(!written("junit", &run, &Demands::default()).contains("<failure"));
    assert!(!written("github", &run, &Demands::default()).contains("::error"));
}

/// Reads `text` as XML, and returns each test case as class and name.
fn test_cases(text: &str) -> Vec<(String, String)> {
    let is_legal = |c: char| matches!(c, '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(text.chars().all(is_legal), "{text}");
    let mut reader = Reader::from_str(text);
    let mut cases = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Xml::Start(start) | Xml::Empty(start) if start.name().as_ref() == "testcase" => {
                let attribute = |name: &str| {
                    let attribute = start.try_get_attribute(name).unwrap().unwrap();
                    quick_xml::escape::unescape(&attribute.value).unwrap().into_owned()
                };
                cases.push((attribute("classname"), attribute("name")));
            }
            Xml::Eof => return cases,
            _ => {}
        }
    }
}

/// A workflow command: name, properties, data.
type Command = (String, Vec<(String, String)>, String);

/// The commands of a log, as the runner of GitHub Actions reads them.
fn commands(log: &str) -> Vec<Command> {
    let unescaped = |text: &str, also: &[(&str, &str)]| {
        let known = [("%0D", "\r"), ("%0A", "\n")].iter().chain(also).chain(&[("%25", "%")]);
        known.fold(text.to_owned(), |text, (escaped, character)| text.replace(escaped, character))
    };
    let command = |line: &str| {
        let (head, data) = line.trim_start().strip_prefix("::")?.split_once("::")?;
        let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
        let property = |pair: &str| {
            let (key, value) = pair.split_once('=')?;
            Some((key.to_owned(), unescaped(value, &[("%3A", ":"), ("%2C", ",")])))
        };
        Some((name.to_owned(), properties.split(',').filter_map(property).collect(), unescaped(data, &[])))
    };
    log.lines().map(|line| command(line).unwrap_or_else(|| panic!("no command: {line}"))).collect()
}

/// The rules that hold for every run: nothing gets out of its place, whatever the texts are.
fn hold_the_rules(run: &[Event]) {
    let results = run.iter().filter(|event| matches!(event, Event::Result(_))).count();
    let Some(Event::Finished(summary)) = run.last() else { panic!("no summary") };
    let unread = summary.sources.iter().filter(|source| source.problem.is_some()).count();

    let cases = test_cases(&written("junit", run, &demands()));
    assert_eq!(cases.iter().collect::<BTreeSet<_>>().len(), results + unread, "{cases:?}");

    let log = written("github", run, &demands());
    for (name, properties, data) in commands(&log) {
        assert!(["error", "warning", "notice"].contains(&name.as_str()), "{log}");
        let keys: Vec<&str> = properties.iter().map(|(key, _)| key.as_str()).collect();
        assert!([&["title"][..], &["file", "title"], &["file", "line", "title"]].contains(&keys.as_slice()), "{log}");
        let lines = |text: &str| text.chars().filter(|c| c.is_control() && *c != '\n').count();
        assert_eq!(lines(&data) + properties.iter().map(|(_, value)| lines(value)).sum::<usize>(), 0, "{log}");
    }
    assert_eq!(log.lines().filter(|line| line.starts_with("::notice title=connprobe::")).count(), 1, "{log}");

    let text = written("nagios", run, &demands());
    let first = text.lines().next().unwrap();
    assert!(text.matches('|').count() == 1 && first.contains(" | 'total'=") && text.len() < 8 << 10, "{text}");
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text}");

    for format in ["prometheus", "openmetrics"] {
        let text = written(format, run, &demands());
        let mut series = BTreeSet::new();
        for line in text.lines().filter(|line| !line.starts_with("# ")) {
            let (one, value) = line.rsplit_once(' ').unwrap();
            assert!(one.starts_with("connprobe_") && value.parse::<f64>().is_ok(), "{text}");
            assert!(series.insert(one.to_owned()), "{one} stands there twice");
        }
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text}");
        assert_eq!(text.ends_with("# EOF\n"), format == "openmetrics");
    }
}

#[test]
fn nothing_gets_out_of_its_place() {
    for run in [every_kind(), of_a_wait(), hostile(), events(Vec::new(), json!({}))] {
        hold_the_rules(&run);
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        Just(HOSTILE.to_owned()),
        "[a-b:|,%=]{0,6}",
        "(\u{0}|\u{fffe}|\u{ffff}|\u{85}|]]>|\\PC){0,8}"
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn nor_do_any_texts(names in proptest::collection::vec(proptest::option::of(text()), 1..6), texts in proptest::collection::vec(text(), 8)) {
        let [message, hint, detail, code, origin, kind, source, warning] = <[String; 8]>::try_from(texts).unwrap();
        let results = names.iter().enumerate().map(|(at, name)| {
            let words = failed(["failed", "error"][at % 2], ["auth", "local"][at % 2], ["login_refused", "out_of_ports"][at % 2], &message);
            let texts = json!({"hint": hint, "detail": detail, "code": code, "origin": origin, "conn_type": kind, "target": origin,
                "login": detail, "warnings": [{"code": "unknown_extra", "message": warning}]});
            result(at, name.as_deref(), with(words, &texts))
        });
        let problem = json!({"class": "not_found", "reason": "source_missing", "code": null, "message": message, "hint": hint, "detail": detail});
        let sources = json!([{"name": source, "connections": 0, "problem": problem, "warnings": [{"code": "line_not_read", "message": warning}]}]);
        hold_the_rules(&events(results.collect(), json!({"sources": sources})));
    }
}

/// A report of many results takes a small multiple of the time that the JSON report takes, and not more for each.
#[test]
fn a_report_of_many_results_takes_no_longer_for_each() {
    let run = |count: usize| {
        let one = |at: usize| {
            let more = failed("failed", "auth", "login_refused", &format!("login refused for user `u{at}`"));
            result(at, Some(&format!("c{at}")), if at.is_multiple_of(2) { json!({}) } else { more })
        };
        events((0..count).map(one).collect(), json!({}))
    };
    let many = run(20_000);
    let took = |format: &str| {
        let begun = std::time::Instant::now();
        assert!(written(format, &many, &demands()).len() > 500);
        begun.elapsed()
    };
    let json = took("json");
    for format in FORMATS {
        let took = took(format);
        assert!(took < 6 * json + std::time::Duration::from_millis(500), "{format}: {took:?}, JSON: {json:?}");
        println!("{format}: {took:?}, JSON: {json:?}");
    }
}
