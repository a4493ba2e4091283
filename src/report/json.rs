//! `--format json`: one document, written when the run has finished, results in the order of the definitions.

use std::io::{self, Write};

use super::Report;
use super::schema::{SummaryShape, write_indented};
use crate::model::event::Event;
use crate::model::result::CheckResult;

/// Collects the results of a run and writes them as one document.
pub struct Json<W> {
    out: W,
    results: Vec<CheckResult>,
}

impl<W: Write> Json<W> {
    /// A report to `out`.
    pub fn new(out: W) -> Self {
        Self { out, results: Vec::new() }
    }
}

impl<W: Write> Report for Json<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Started { total, .. } => self.results.reserve(*total),
            Event::Result(result) => self.results.push(result.as_ref().clone()),
            Event::Finished(summary) => {
                self.results.sort_by_key(|result| result.position);
                write_indented(&mut self.out, &SummaryShape::new(summary, None, Some(&self.results)))?;
                self.out.flush()?;
            }
        }
        Ok(())
    }
}
