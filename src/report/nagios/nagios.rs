//! `Nagios`: one line with the state and the performance data, then the causes.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::range::Range;
use super::state::{Demands, State, Tally};
use crate::model::cause::Cause;
use crate::model::event::Event;
use crate::model::failure::Failure;
use crate::model::result::{CheckResult, Summary};
use crate::model::several;
use crate::report::Report;
use crate::report::table::layout::shortened;
use crate::report::table::{label, totals};
use crate::report::verdict::{Verdict, class_and_reason, message, of_failure, shown};

/// The name of the service in the first line.
const SERVICE: &str = "LOGIN";

/// The names in the first line, which many programs cut off or send as a text message, and the most columns of each.
const NAMES: usize = 3;
const WIDTH: usize = 24;

/// The names of one cause.
const OF_CAUSE: usize = 12;

/// The most bytes of the causes. Nagios reads 8 KiB in all.
const LONG: usize = 6_000;

/// Collects the results of a run and writes the output of a plugin.
pub struct Nagios<W> {
    out: W,
    demands: Demands,
    tally: Tally,
    /// The name of the slowest connection.
    slowest: String,
    /// Whether the run was a wait.
    waits: bool,
    not_passed: Vec<Problem>,
}

/// A connection that is not as it should be.
struct Problem {
    position: usize,
    id: String,
    verdict: Verdict,
    name: String,
    class: &'static str,
    /// The code, and the server's own words.
    code: Option<String>,
    said: Option<String>,
    message: String,
    /// Whether its logins are accepted.
    accepted: bool,
}

impl<W: Write> Nagios<W> {
    /// A report that is written to `out`.
    pub fn new(out: W, demands: Demands) -> Self {
        Self { out, demands, tally: Tally::default(), slowest: String::new(), waits: false, not_passed: Vec::new() }
    }

    fn result(&mut self, result: &CheckResult) {
        self.waits |= result.waited.is_some();
        if self.tally.add(result) {
            self.slowest = shortened(&label(result), WIDTH);
        }
        let verdict = Verdict::of(result);
        if verdict == Verdict::Passed {
            return;
        }
        let failure = result.failure.as_ref();
        self.not_passed.push(Problem {
            position: result.position,
            id: result.id.clone(),
            verdict,
            name: shortened(&label(result), 2 * WIDTH),
            class: class_and_reason(result).0,
            code: failure.and_then(|failure| failure.code.clone()),
            said: failure.and_then(Failure::said),
            message: message(result),
            accepted: failure.is_none(),
        });
    }

    fn write(&mut self, summary: &Summary) -> io::Result<()> {
        self.not_passed.sort_unstable_by_key(|problem| problem.position);
        let state = self.tally.state(summary, &self.demands);
        let line = format!("{SERVICE} {}: {}", state.as_str(), self.headline(summary));
        let mut text = format!("{} | {}\n", in_text(&line), self.performance(summary));
        for line in self.long(summary) {
            if text.len() + line.len() > LONG {
                text.push_str("and more: `connprobe check` shows all\n");
                break;
            }
            text.push_str(&line);
            text.push('\n');
        }
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }

    /// What is wrong, the worst first; or that nothing is.
    fn headline(&self, summary: &Summary) -> String {
        let Tally { passed, failed, error, skipped, .. } = self.tally;
        let total = self.tally.total();
        let mut parts = Vec::new();
        if failed > 0 {
            let what = if self.waits { "not ready" } else { "failed" };
            parts.push(format!("{failed} of {total} {what}: {}", self.names(Verdict::Failed)));
        }
        for (range, level) in [(&self.demands.critical, "critical"), (&self.demands.warning, "warning")] {
            if let Some(range) = range.as_ref().filter(|range| self.tally.is_slow(Some(*range))) {
                parts.push(format!("{} ({level} {})", self.slowest(), range.as_str()));
                break;
            }
        }
        if error > 0 {
            parts.push(format!("{error} of {total} could not be tried: {}", self.names(Verdict::Error)));
        }
        for source in summary.sources.iter().filter(|source| source.problem.is_some()) {
            parts.push(format!("`{}` cannot be read", shown(&source.name)));
        }
        if !parts.is_empty() {
            return parts.join("; ");
        }
        let more = if skipped > 0 { format!(", {skipped} skipped") } else { String::new() };
        if passed == 0 {
            return format!("no login was tried{more}");
        }
        let what = match (self.waits, summary.dry_run) {
            (true, _) => "ready",
            (false, true) => "could be tried (dry run)",
            (false, false) => "ok",
        };
        let slowest = if self.tally.slowest.is_some() { format!(", {}", self.slowest()) } else { String::new() };
        format!("{passed} of {total} {what}{more}{slowest}")
    }

    fn slowest(&self) -> String {
        let what = if self.waits { "longest wait" } else { "slowest login" };
        format!("{what} {:.3} s ({})", self.tally.slowest.unwrap_or_default().as_secs_f64(), self.slowest)
    }

    fn names(&self, verdict: Verdict) -> String {
        let of = self.not_passed.iter().filter(|problem| problem.verdict == verdict);
        let count = of.clone().count();
        let name = |problem: &Problem| format!("{} ({})", shortened(&problem.name, WIDTH), problem.class);
        several::listed_of(of.map(name), count, NAMES)
    }

    fn performance(&self, summary: &Summary) -> String {
        let Tally { failed, error, skipped, slowest, .. } = self.tally;
        let total = self.tally.total();
        let mut data = format!("'total'={total};;;0 'failed'={failed};~:0;~:0;0;{total}");
        for (name, count) in [("error", error), ("skipped", skipped)] {
            let _infallible = write!(data, " '{name}'={count};;;0;{total}");
        }
        let _infallible = write!(data, " 'time'={:.3}s;;;0", summary.elapsed.as_secs_f64());
        let text = |range: &Option<Range>| range.as_ref().map_or(String::new(), |range| range.as_str().to_owned());
        let (warning, critical) = (text(&self.demands.warning), text(&self.demands.critical));
        let name = if self.waits { "max_ready" } else { "max_login" };
        let value = slowest.map_or("U".to_owned(), |slowest| format!("{:.3}s", slowest.as_secs_f64()));
        let _infallible = write!(data, " '{name}'={value};{warning};{critical};0");
        data
    }

    /// The sources that cannot be read, the causes, and the warnings of the run.
    fn long(&self, summary: &Summary) -> Vec<String> {
        let mut lines = vec![totals(summary)];
        for source in &summary.sources {
            let Some(problem) = &source.problem else { continue };
            lines.push(format!("[{}] {}", problem.class.as_str(), problem.message));
            lines.extend(of_failure(problem).iter().map(|line| format!("  {line}")));
        }
        let by_id: HashMap<&str, &Problem> =
            self.not_passed.iter().map(|problem| (problem.id.as_str(), problem)).collect();
        for cause in &summary.causes {
            lines.extend(of_cause(cause, &by_id));
        }
        // What accepts logins and is not ready has no failure, so that it belongs to no cause.
        let accepted = self.not_passed.iter().filter(|problem| problem.accepted);
        lines.extend(accepted.map(|problem| format!("{}: {}", problem.name, problem.message)));
        lines.extend(summary.warnings.iter().map(|warning| format!("warning: {}", warning.message)));
        lines.iter().map(|line| in_text(&shown(line))).collect()
    }
}

impl<W: Write> Report for Nagios<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Started { .. } | Event::Step(_) => {}
            Event::Result(result) => self.result(result),
            Event::Finished(summary) => self.write(summary)?,
        }
        Ok(())
    }
}

fn of_cause(cause: &Cause, by_id: &HashMap<&str, &Problem>) -> Vec<String> {
    let mut all = cause.ids.iter().filter_map(|id| by_id.get(id.as_str())).peekable();
    // Of a wait, what is ready at the end may have met failures before.
    let Some(first) = all.peek().copied().copied() else { return Vec::new() };
    let count = all.clone().count();
    let names = several::listed_of(all.by_ref().map(|problem| problem.name.clone()), count, OF_CAUSE);
    let code = first.code.as_ref().map(|code| format!(" {code}")).unwrap_or_default();
    let mut lines = vec![format!("[{}{code}] {names}: {}", cause.class.as_str(), cause.message)];
    lines.extend(first.said.iter().map(|said| format!("  {said}")));
    lines.extend(cause.hint.iter().map(|hint| format!("  hint: {hint}")));
    lines
}

/// `text` without the character that begins performance data.
fn in_text(text: &str) -> String {
    text.replace('|', "\\u{7c}")
}

/// The output of a plugin that could not do its work, without a line end.
#[must_use]
pub fn unknown(message: &str) -> String {
    format!("{SERVICE} {}: {}", State::Unknown.as_str(), in_text(&shown(message)))
}
