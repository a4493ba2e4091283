//! `Lines`: a line for each change of a wait, one for each connection that is ready, and the causes of the others.

use std::io::{self, Write};

use crate::model::class::Status;
use crate::model::event::Event;
use crate::model::reason::ReasonCode;
use crate::model::redact::escape_control;
use crate::model::result::{CheckResult, Ended, Summary, Waited};
use crate::model::step::{Step, StepKind};
use crate::report::Report;
use crate::report::phrases::{ACCEPTED, seconds, words};
use crate::report::table::{Style, label, write_causes};

/// Writes the progress of a wait.
pub struct Lines<W> {
    out: W,
    style: Style,
    /// Whether the changes of a connection that is not ready yet are written.
    has_changes: bool,
    not_ready: Vec<CheckResult>,
}

impl<W: Write> Lines<W> {
    /// The lines on `out`. Changes are left out where a board shows them.
    pub fn new(out: W, style: Style, has_changes: bool) -> Self {
        Self { out, style, has_changes, not_ready: Vec::new() }
    }

    fn result(&mut self, result: &CheckResult) -> io::Result<()> {
        let name = escape_control(&label(result));
        let waited = result.waited.as_ref();
        if let Some(ready) = waited.and_then(|waited| waited.ready) {
            let spent = waited.map(spent).unwrap_or_default();
            return writeln!(self.out, "{name}  ready after {}{spent}", seconds(ready));
        }
        match (result.status, &result.failure) {
            (Status::Skipped, Some(failure)) => {
                writeln!(self.out, "{name}  skipped: {}", escape_control(&failure.message))
            }
            (_, None) => writeln!(self.out, "{name}  {ACCEPTED}"),
            _ => {
                self.not_ready.push(result.clone());
                Ok(())
            }
        }
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        for result in &self.not_ready {
            let reason = result.failure.as_ref().map(|failure| failure.reason);
            let spent = match result.waited.as_ref().map(|waited| waited.spent.as_slice()) {
                // What it says already.
                Some([only]) if Some(only.reason) == reason => format!(" for {}", seconds(only.elapsed)),
                _ => result.waited.as_ref().map(spent).unwrap_or_default(),
            };
            let reason = reason.map(words).unwrap_or_default();
            writeln!(self.out, "{}  not ready: {reason}{spent}", escape_control(&label(result)))?;
        }
        // What another connection has cut short has no cause of its own.
        let causes: Vec<_> =
            summary.causes.iter().filter(|cause| !matches!(cause.reason, ReasonCode::GivenUp)).cloned().collect();
        write_causes(&mut self.out, &causes, &self.not_ready, &self.style)?;
        let how = match summary.ended {
            Ended::Deadline => "the deadline passed",
            Ended::GivenUp => "given up",
            Ended::Interrupted => "interrupted",
            Ended::Complete => return self.out.flush(),
        };
        writeln!(self.out, "\n{how} after {}", seconds(summary.elapsed))?;
        self.out.flush()
    }
}

impl<W: Write> Report for Lines<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Step(step) if self.has_changes => {
                if let Some(line) = change(step) {
                    writeln!(self.out, "{line}")?;
                }
            }
            Event::Result(result) => self.result(result)?,
            Event::Finished(summary) => return self.finish(summary),
            Event::Started { .. } | Event::Step(_) => {}
        }
        self.out.flush()
    }

    fn tick(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The line of a change; `None` if `step` is none.
fn change(step: &Step) -> Option<String> {
    let what = match step.kind {
        StepKind::NotReady(reason) => format!("not ready: {}", words(reason)),
        StepKind::Accepted => "accepts logins".to_owned(),
        _ => return None,
    };
    let name = escape_control(step.conn_id.as_deref().unwrap_or("(no name)"));
    let target = escape_control(&step.target);
    Some(format!("{name}  {what} ({target}, {})", seconds(step.elapsed)))
}

/// What a connection has waited for, in parentheses.
fn spent(waited: &Waited) -> String {
    let parts: Vec<String> =
        waited.spent.iter().map(|spent| format!("{} {}", words(spent.reason), seconds(spent.elapsed))).collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}
