//! The progress line on standard error. It is shown on a terminal only.

use std::io::{self, Write};
use std::time::Instant;

use crate::model::class::Status;
use crate::model::event::Event;

/// A line that is redrawn in place.
pub struct Progress {
    out: Box<dyn Write + Send>,
    started: Instant,
    total: usize,
    done: usize,
    not_ok: usize,
    drawn: bool,
}

impl Progress {
    /// A progress line on `out`, which must be a terminal.
    #[must_use]
    pub fn new(out: Box<dyn Write + Send>) -> Self {
        Self { out, started: Instant::now(), total: 0, done: 0, not_ok: 0, drawn: false }
    }

    /// Counts the event.
    pub fn event(&mut self, event: &Event) {
        match event {
            Event::Started { total, .. } => self.total = *total,
            Event::Result(result) => {
                self.done += 1;
                self.not_ok += usize::from(matches!(result.status, Status::Failed | Status::Error));
            }
            Event::Step(_) | Event::Finished(_) => {}
        }
    }

    /// Erases the line, so that rows can be written.
    ///
    /// # Errors
    ///
    /// When writing to the terminal fails.
    pub fn clear(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.drawn) {
            write!(self.out, "\r\x1b[2K")?;
            self.out.flush()?;
        }
        Ok(())
    }

    /// Redraws the line.
    ///
    /// # Errors
    ///
    /// When writing to the terminal fails.
    pub fn draw(&mut self) -> io::Result<()> {
        self.clear()?;
        if self.done == self.total {
            return Ok(());
        }
        let seconds = self.started.elapsed().as_secs_f64();
        write!(self.out, "{} of {} checked, {} not ok, {seconds:.1} s", self.done, self.total, self.not_ok)?;
        self.drawn = true;
        self.out.flush()
    }
}
