//! Checks a report against the definitions alone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::crowd::Expected;

/// The results by the names of their definitions, and how the run ended.
pub struct Report {
    pub results: BTreeMap<String, Value>,
    pub ended: String,
}

impl Report {
    /// Reads `text`, a complete report as `json` or `ndjson`. Asserts that it has each of `definitions` exactly once,
    /// each with its own id, host and port, and that the summary has the same counts.
    pub fn of(text: &str, format: &str, definitions: &BTreeMap<String, Expected>) -> Self {
        let parse = |text| serde_json::from_str::<Value>(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let (results, end) = if format == "ndjson" {
            let mut lines: Vec<Value> = text.lines().map(parse).collect();
            let end = lines.pop().expect("a summary");
            assert!(text.ends_with('\n') && end["kind"] == "summary", "{end}");
            (lines, end)
        } else {
            let mut whole = parse(text);
            let results = whole["results"].as_array_mut().map(std::mem::take);
            (results.expect("results"), whole)
        };
        let ids: BTreeSet<&str> = results.iter().filter_map(|result| result["id"].as_str()).collect();
        assert_eq!((results.len(), ids.len()), (definitions.len(), definitions.len()));
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for result in &results {
            *counts.entry(word(result, "status")).or_default() += 1;
            if !result["class"].is_null() {
                *counts.entry(word(result, "class")).or_default() += 1;
            }
        }
        let summary = &end["summary"];
        assert_eq!(summary["total"], definitions.len());
        for status in ["ok", "failed", "error", "skipped"] {
            assert_eq!(summary[status], counts.remove(status).unwrap_or_default(), "{status}: {summary}");
        }
        assert_eq!(summary["by_class"], Value::from_iter(counts));
        let results: BTreeMap<String, Value> =
            results.into_iter().map(|result| (word(&result, "conn_id"), result)).collect();
        assert!(results.keys().eq(definitions.keys()), "every definition has its result");
        for (name, Expected { definition, .. }) in definitions {
            let result = &results[name];
            assert_eq!((&result["host"], &result["port"]), (&definition["host"], &definition["port"]), "{result}");
        }
        Self { results, ended: word(&end, "ended") }
    }
}

/// `ok`, or the class of the failure.
pub fn class(result: &Value) -> &str {
    result["class"].as_str().unwrap_or("ok")
}

fn word(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("no {field}: {value}")).to_owned()
}
