//! Prometheus' text format as promtool reads it, and OpenMetrics as the parser of Prometheus' own Python client does.

use std::process::Command;

use crate::tools::{accepts, cached};
use crate::written::reports;

#[test]
fn promtool_finds_nothing_wrong() {
    for (name, report) in reports("prometheus") {
        println!("{name}");
        let mut promtool = Command::new(cached("promtool/usr/bin/promtool"));
        promtool.args(["check", "metrics"]);
        accepts(promtool, &report);
    }
}

/// Reads standard input to the end and prints the number of samples.
const PARSER: &str = "
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
families = list(text_string_to_metric_families(sys.stdin.read()))
print(sum(len(family.samples) for family in families))
";

#[test]
fn the_parser_of_openmetrics_reads_every_sample() {
    for (name, report) in reports("openmetrics") {
        println!("{name}");
        let mut python = Command::new(cached("venv/bin/python"));
        python.args(["-c", PARSER]);
        let samples = report.lines().filter(|line| !line.starts_with("# ")).count();
        assert_eq!(accepts(python, &report).trim(), samples.to_string(), "{report}");
    }
}

#[test]
fn the_alerts_of_the_document_are_rules() {
    let document = std::fs::read_to_string("docs/reports.md").unwrap();
    let rules = document.split("```yaml\n").find(|block| block.starts_with("groups:")).expect("a block of rules");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), rules.split("```").next().unwrap()).unwrap();
    let mut promtool = Command::new(cached("promtool/usr/bin/promtool"));
    promtool.args(["check", "rules"]).arg(file.path());
    accepts(promtool, "");
}
