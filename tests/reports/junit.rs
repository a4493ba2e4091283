//! JUnit: each report is accepted by the schema of Jenkins' xUnit plugin, and each of its suites by Maven Surefire's.

use std::process::Command;

use crate::tools::accepts;
use crate::written::reports;

fn xmllint(arguments: &[&str]) -> Command {
    let mut command = Command::new("xmllint");
    command.args(arguments).arg("-");
    command
}

fn schema(name: &str) -> String {
    format!("tests/reports/schemas/{name}")
}

#[test]
fn both_schemas_accept_every_report() {
    for (name, report) in reports("junit") {
        println!("{name}");
        accepts(xmllint(&["--noout", "--schema", &schema("junit-10.xsd")]), &report);
        let suites = report.matches("<testsuite ").count();
        assert!(suites > 0, "{report}");
        for number in 1..=suites {
            let suite = accepts(xmllint(&["--xpath", &format!("/testsuites/testsuite[{number}]")]), &report);
            accepts(xmllint(&["--noout", "--schema", &schema("surefire-test-report.xsd")]), &suite);
        }
    }
}

/// The counts that CI servers show are those of the elements.
#[test]
fn counts_are_those_of_the_elements() {
    for (name, report) in reports("junit") {
        println!("{name}");
        for (attribute, elements) in
            [("tests", "testcase"), ("failures", "*/failure"), ("errors", "*/error"), ("skipped", "*/skipped")]
        {
            let each = format!("boolean(/testsuites/testsuite[@{attribute} != count({elements})])");
            let wrong = accepts(xmllint(&["--xpath", &each]), &report);
            assert_eq!(wrong.trim(), "false", "{attribute}: {report}");
            if attribute != "skipped" {
                let all = format!("number(/testsuites/@{attribute}) = sum(/testsuites/testsuite/@{attribute})");
                assert_eq!(accepts(xmllint(&["--xpath", &all]), &report).trim(), "true", "{attribute}: {report}");
            }
        }
    }
}
