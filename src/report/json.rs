//! `--format json`: one document, written at the end of the run, with the results in the order of the definitions. Each
//! result is serialized when it arrives, so that little work remains at the end.

use std::io::{self, Write};
use std::ops::Range;

use super::Report;
use super::json_writer::{write_entry, write_indented};
use crate::model::event::Event;
use crate::model::result::Summary;

/// The separators of the document: between the other fields and the results, which come last; before the first result;
/// before each further one; and after the last.
const RESULTS: &[u8] = b",\n  \"results\": [";
const BEFORE_FIRST: &[u8] = b"\n    ";
const BEFORE: &[u8] = b",\n    ";
const END: &[u8] = b"\n}\n";

/// Collects the results of a run and writes them as one document.
pub struct Json<W> {
    out: W,
    /// The texts of all results, each preceded by its separator.
    text: Vec<u8>,
    /// The range of each text, with the position of its connection in the run.
    results: Vec<(usize, Range<usize>)>,
}

impl<W: Write> Json<W> {
    /// A report that is written to `out`.
    pub fn new(out: W) -> Self {
        Self { out, text: Vec::new(), results: Vec::new() }
    }

    fn write(&mut self, summary: &Summary) -> io::Result<()> {
        let mut document = Vec::new();
        write_indented(&mut document, summary)?;
        document.truncate(document.len() - END.len());
        self.out.write_all(&document)?;
        self.out.write_all(RESULTS)?;
        self.results.sort_unstable_by_key(|(position, _)| *position);
        if let Some((_, first)) = self.results.first_mut() {
            self.out.write_all(BEFORE_FIRST)?;
            first.start += BEFORE.len();
        }
        // Results mostly arrive in the order of their definitions, so consecutive texts are written at once.
        for part in self.results.chunk_by(|(_, before), (_, after)| before.end == after.start) {
            if let [(_, first), .., (_, last)] | [(_, first @ last)] = part {
                self.out.write_all(&self.text[first.start..last.end])?;
            }
        }
        self.out.write_all(if self.results.is_empty() { b"]" } else { b"\n  ]" })?;
        self.out.write_all(END)?;
        self.out.flush()
    }
}

impl<W: Write> Report for Json<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Started { total, .. } => self.results.reserve(*total),
            Event::Result(result) => {
                let start = self.text.len();
                self.text.extend_from_slice(BEFORE);
                write_entry(&mut self.text, result)?;
                self.results.push((result.position, start..self.text.len()));
            }
            Event::Step(_) => {}
            Event::Finished(summary) => self.write(summary)?,
        }
        Ok(())
    }
}
