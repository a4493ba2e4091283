//! `--format junit`: a test suite with a test case for each connection, as CI servers read it. It holds to what both
//! schemas in use allow, that of Jenkins' xUnit plugin and that of Maven Surefire, which fix the order of elements, forbid
//! `timestamp` and `hostname`, and limit times to milliseconds. Each result is written when it arrives, but for its name.

use std::collections::HashSet;
use std::io::{self, Write};
use std::ops::Range;
use std::time::Duration;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event as Xml};

use super::Report;
use super::naming::Naming;
use super::verdict::{self, Verdict, class_and_reason, explanation, message, shown};
use crate::model::connection::normalize_type;
use crate::model::event::Event;
use crate::model::failure::Failure;
use crate::model::result::{CheckResult, SourceSummary, Summary};
use crate::model::warning::Warning;
use crate::model::written::timestamp;

/// The class of the test cases of sources. Those of connections have their type behind it.
const CLASS: &str = "connprobe";

/// Collects the results of a run and writes them as one document.
pub struct Junit<W> {
    out: W,
    /// The content of all test cases.
    text: Vec<u8>,
    cases: Vec<Case>,
    naming: Naming,
    counts: Counts,
}

/// A test case whose content is written.
struct Case {
    position: usize,
    name: String,
    id: String,
    class: String,
    elapsed: Duration,
    content: Range<usize>,
}

/// The number of test cases of a suite, of each kind.
#[derive(Clone, Copy, Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl<W: Write> Junit<W> {
    /// A report that is written to `out`.
    pub fn new(out: W) -> Self {
        Self { out, text: Vec::new(), cases: Vec::new(), naming: Naming::default(), counts: Counts::default() }
    }

    fn result(&mut self, result: &CheckResult) -> io::Result<()> {
        let verdict = Verdict::of(result);
        self.counts.add(verdict);
        let start = self.text.len();
        let mut xml = Writer::new(&mut self.text);
        if let Some(element) = element(verdict) {
            let mut lines = vec![message(result)];
            lines.extend(explanation(result));
            lines.extend(verdict::circumstances(result));
            write_problem(&mut xml, element, class_and_reason(result).0, &lines)?;
        }
        let mut lines = if verdict == Verdict::Passed { verdict::timing(result) } else { Vec::new() };
        let warning = |warning: &Warning| shown(&format!("warning: {} [{}]", warning.message, warning.code));
        lines.extend(result.warnings.iter().map(warning));
        if !lines.is_empty() {
            write_text(&mut xml, BytesStart::new("system-out"), &lines)?;
        }
        let conn_type = result.conn_type.as_deref().map_or_else(|| "no_type".to_owned(), normalize_type);
        self.cases.push(Case {
            position: result.position,
            name: self.naming.note(result),
            id: result.id.clone(),
            class: shown(&format!("{CLASS}.{conn_type}")),
            elapsed: result.elapsed,
            content: start..self.text.len(),
        });
        Ok(())
    }

    fn write(&mut self, summary: &Summary) -> io::Result<()> {
        let unread: Vec<(&SourceSummary, &Failure)> =
            summary.sources.iter().filter_map(|source| Some((source, source.problem.as_ref()?))).collect();
        let sources = Counts { tests: unread.len(), errors: unread.len(), ..Counts::default() };
        let mut xml = Writer::new(&mut self.out);
        xml.write_event(Xml::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let all = self.counts.and(sources).put(named("testsuites", CLASS), summary.elapsed, false);
        write_start(&mut xml, all, "\n")?;
        let suite = self.counts.put(named("testsuite", "connections"), summary.elapsed, true);
        write_start(&mut xml, suite, "\n  ")?;
        write_properties(&mut xml, summary)?;
        self.cases.sort_unstable_by_key(|case| case.position);
        let mut unique = Unique::default();
        for Case { name, id, class, elapsed, content, .. } in &self.cases {
            let name = match name.as_str() {
                "" => format!("unnamed ({id})"),
                name if self.naming.is_shared(name) => format!("{name} ({id})"),
                name => name.to_owned(),
            };
            write_case(&mut xml, &unique.name(class, name), class, *elapsed, &self.text[content.clone()])?;
        }
        write_end(&mut xml, "testsuite", "\n  ")?;
        if !unread.is_empty() {
            let suite = sources.put(named("testsuite", "sources"), Duration::ZERO, true);
            write_start(&mut xml, suite, "\n  ")?;
            for (source, problem) in unread {
                let mut content = Vec::new();
                let mut lines = vec![shown(&problem.message)];
                lines.extend(verdict::of_failure(problem));
                write_problem(&mut Writer::new(&mut content), "error", problem.class.as_str(), &lines)?;
                write_case(&mut xml, &unique.name(CLASS, shown(&source.name)), CLASS, Duration::ZERO, &content)?;
            }
            write_end(&mut xml, "testsuite", "\n  ")?;
        }
        write_end(&mut xml, "testsuites", "\n")?;
        self.out.write_all(b"\n")?;
        self.out.flush()
    }
}

/// The names that are taken: of equal test cases, CI servers drop all but one.
#[derive(Default)]
struct Unique<'a>(HashSet<(&'a str, String)>);

impl<'a> Unique<'a> {
    fn name(&mut self, class: &'a str, mut name: String) -> String {
        while !self.0.insert((class, name.clone())) {
            name.push('+');
        }
        name
    }
}

impl<W: Write> Report for Junit<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Started { total, .. } => self.cases.reserve(*total),
            Event::Result(result) => self.result(result)?,
            Event::Step(_) => {}
            Event::Finished(summary) => self.write(summary)?,
        }
        Ok(())
    }
}

impl Counts {
    fn add(&mut self, verdict: Verdict) {
        self.tests += 1;
        match verdict {
            Verdict::Passed => {}
            Verdict::Failed => self.failures += 1,
            Verdict::Error => self.errors += 1,
            Verdict::Skipped => self.skipped += 1,
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            tests: self.tests + other.tests,
            failures: self.failures + other.failures,
            errors: self.errors + other.errors,
            skipped: self.skipped + other.skipped,
        }
    }

    /// Adds the counts and the time to `element`; `testsuites` has no `skipped`.
    fn put(self, mut element: BytesStart<'static>, elapsed: Duration, has_skipped: bool) -> BytesStart<'static> {
        let counts = [("tests", self.tests), ("failures", self.failures), ("errors", self.errors)];
        for (name, count) in counts.into_iter().chain(has_skipped.then_some(("skipped", self.skipped))) {
            element.push_attribute((name, count.to_string().as_str()));
        }
        element.push_attribute(("time", seconds(elapsed).as_str()));
        element
    }
}

fn named(element: &'static str, name: &str) -> BytesStart<'static> {
    let mut start = BytesStart::new(element);
    start.push_attribute(("name", name));
    start
}

fn element(verdict: Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::Passed => None,
        Verdict::Failed => Some("failure"),
        Verdict::Error => Some("error"),
        Verdict::Skipped => Some("skipped"),
    }
}

/// Surefire's `skipped` has no `type`.
fn write_problem<W: Write>(xml: &mut Writer<W>, element: &str, class: &str, lines: &[String]) -> io::Result<()> {
    let mut start = BytesStart::new(element);
    if element != "skipped" {
        start.push_attribute(("type", class));
    }
    start.push_attribute(("message", lines.first().map_or("", String::as_str)));
    write_text(xml, start, lines)
}

fn write_text<W: Write>(xml: &mut Writer<W>, start: BytesStart<'_>, lines: &[String]) -> io::Result<()> {
    let end = start.to_end().into_owned();
    write_start(xml, start, "\n      ")?;
    xml.write_event(Xml::Text(BytesText::new(&lines.join("\n"))))?;
    xml.write_event(Xml::End(end))
}

fn write_case<W: Write>(
    xml: &mut Writer<W>,
    name: &str,
    class: &str,
    elapsed: Duration,
    content: &[u8],
) -> io::Result<()> {
    let mut start = BytesStart::new("testcase");
    start.extend_attributes([("name", name), ("classname", class), ("time", seconds(elapsed).as_str())]);
    if content.is_empty() {
        xml.get_mut().write_all(b"\n    ")?;
        return xml.write_event(Xml::Empty(start));
    }
    write_start(xml, start, "\n    ")?;
    xml.get_mut().write_all(content)?;
    write_end(xml, "testcase", "\n    ")
}

fn write_properties<W: Write>(xml: &mut Writer<W>, summary: &Summary) -> io::Result<()> {
    write_start(xml, BytesStart::new("properties"), "\n    ")?;
    let started = timestamp(summary.started_at);
    let own = [
        ("tool", summary.tool.as_ref()),
        ("started_at", &started),
        ("ended", summary.ended.as_str()),
        ("dry_run", if summary.dry_run { "true" } else { "false" }),
    ];
    let warnings = summary.warnings.iter().chain(summary.sources.iter().flat_map(|source| &source.warnings));
    let own = own.into_iter().map(|(name, value)| (name, value.to_owned()));
    for (name, value) in own.chain(warnings.map(|warning| ("warning", shown(&warning.message)))) {
        let mut property = BytesStart::new("property");
        property.extend_attributes([("name", name), ("value", value.as_str())]);
        xml.get_mut().write_all(b"\n      ")?;
        xml.write_event(Xml::Empty(property))?;
    }
    write_end(xml, "properties", "\n    ")
}

fn write_start<W: Write>(xml: &mut Writer<W>, start: BytesStart<'_>, before: &str) -> io::Result<()> {
    xml.get_mut().write_all(before.as_bytes())?;
    xml.write_event(Xml::Start(start))
}

fn write_end<W: Write>(xml: &mut Writer<W>, name: &str, before: &str) -> io::Result<()> {
    xml.get_mut().write_all(before.as_bytes())?;
    xml.write_event(Xml::End(BytesEnd::new(name)))
}

/// Seconds in the only notation that every reader takes.
fn seconds(elapsed: Duration) -> String {
    format!("{:.3}", elapsed.as_secs_f64())
}
