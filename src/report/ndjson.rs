//! `--format ndjson`: one line for each result as it arrives, then one for the summary.

use std::io::{self, Write};

use super::Report;
use super::json_writer::write_line;
use crate::model::event::Event;

/// Writes each result when it arrives; results that arrive together are written together.
pub struct Ndjson<W> {
    out: W,
}

impl<W: Write> Ndjson<W> {
    /// A report that is written to `out`.
    pub fn new(out: W) -> Self {
        Self { out }
    }
}

impl<W: Write> Report for Ndjson<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Started { .. } | Event::Step(_) => Ok(()),
            Event::Result(_) => write_line(&mut self.out, event),
            Event::Finished(_) => {
                write_line(&mut self.out, event)?;
                self.out.flush()
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
