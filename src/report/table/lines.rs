//! `Table`: writes rows as results arrive, and causes, warnings and counts at the end.

use std::io::{self, Write};

use super::causes;
use super::layout::Style;
use super::progress::Progress;
use super::row::{Columns, Row};
use super::warnings::Warnings;
use crate::model::class::Status;
use crate::model::event::Event;
use crate::model::result::{CheckResult, Ended, Summary};
use crate::report::Report;

/// Writes rows as results arrive, or in the order of the definitions if the output is not live.
pub struct Table<W> {
    out: W,
    style: Style,
    progress: Option<Progress>,
    /// Whether rows are written as results arrive.
    live: bool,
    waiting: Vec<Row>,
    not_ok: Vec<CheckResult>,
    warnings: Warnings,
}

impl<W: Write> Table<W> {
    /// A table that is written to `out`. With `live`, rows are written as results arrive, and `progress` is drawn
    /// meanwhile.
    pub fn new(out: W, style: Style, live: bool, progress: Option<Progress>) -> Self {
        Self { out, style, progress, live, waiting: Vec::new(), not_ok: Vec::new(), warnings: Warnings::default() }
    }

    fn result(&mut self, result: &CheckResult) -> io::Result<()> {
        self.warnings.add(result);
        if result.status != Status::Ok {
            self.not_ok.push(result.clone());
        }
        let row = Row::of(result);
        if self.live {
            writeln!(self.out, "{}", row.line(&Columns::unseen(&self.style), &self.style))?;
            self.out.flush()
        } else {
            self.waiting.push(row);
            Ok(())
        }
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.waiting.sort_by_key(|row| row.position);
        let columns = Columns::fitting(&self.waiting, &self.style);
        for row in &self.waiting {
            writeln!(self.out, "{}", row.line(&columns, &self.style))?;
        }
        causes::write(&mut self.out, &summary.causes, &self.not_ok, &self.style)?;
        self.warnings.write(&mut self.out, &self.style)?;
        // If no source could be read, an error says so, and a count of zero would contradict it.
        if summary.counts.total > 0 || summary.sources.iter().all(|source| source.problem.is_none()) {
            if summary.counts.total > 0 || summary.sources.is_empty() {
                writeln!(self.out)?;
            }
            writeln!(self.out, "{}", totals(summary))?;
        }
        self.out.flush()
    }
}

impl<W: Write> Report for Table<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        if let Some(progress) = &mut self.progress {
            progress.clear()?;
            progress.event(event);
        }
        match event {
            Event::Started { .. } | Event::Step(_) => {}
            Event::Result(result) => self.result(result)?,
            Event::Finished(summary) => return self.finish(summary),
        }
        self.tick()
    }

    fn tick(&mut self) -> io::Result<()> {
        self.progress.as_mut().map_or(Ok(()), Progress::draw)
    }
}

/// The counts of a run, in one line.
pub(in crate::report) fn totals(summary: &Summary) -> String {
    let counts = &summary.counts;
    let parts: Vec<String> = [
        (counts.ok, if summary.dry_run { "could be tried" } else { "ok" }),
        (counts.failed, "failed"),
        (counts.error, "error"),
        (counts.skipped, "skipped"),
    ]
    .iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| format!("{count} {word}"))
    .collect();
    let noun = if counts.total == 1 { "connection" } else { "connections" };
    let verdicts = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
    let how = match summary.ended {
        Ended::Complete if summary.dry_run => " (dry run: nothing was sent)",
        Ended::Complete => "",
        Ended::Deadline => " (cut short by the deadline)",
        Ended::Interrupted => " (interrupted)",
        Ended::GivenUp => " (given up)",
    };
    format!("{} {noun}{verdicts} in {:.2} s{how}", counts.total, summary.elapsed.as_secs_f64())
}
