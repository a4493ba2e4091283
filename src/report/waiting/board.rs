//! `Board`: what is waited for, and since when, redrawn in place on a terminal.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use crate::model::event::Event;
use crate::model::reason::ReasonCode;
use crate::model::redact::escape_control;
use crate::model::step::{Step, StepKind};
use crate::report::phrases::{seconds, words};
use crate::report::table::Style;
use crate::report::table::layout::shortened;

/// The most connections that are shown.
const ROWS: usize = 10;

/// A connection that is not ready yet.
struct Row {
    id: String,
    name: String,
    /// `None` if its logins are accepted, and more have to be.
    reason: Option<ReasonCode>,
    since: Instant,
}

/// The connections that are not ready yet, on a terminal.
pub struct Board {
    out: Box<dyn Write + Send>,
    style: Style,
    /// The most connections that fit.
    most: usize,
    since: Instant,
    total: usize,
    ended: usize,
    rows: Vec<Row>,
    /// The number of lines that are on the terminal.
    drawn: usize,
}

impl Board {
    /// A board on `out`, which must be a terminal with `height` lines.
    #[must_use]
    pub fn new(out: Box<dyn Write + Send>, style: Style, height: usize) -> Self {
        // The cursor, the first line and the last one take three.
        let most = ROWS.min(height.saturating_sub(3));
        Self { out, style, most, since: Instant::now(), total: 0, ended: 0, rows: Vec::new(), drawn: 0 }
    }

    /// Notes `event`.
    pub fn event(&mut self, event: &Event) {
        match event {
            Event::Started { total, .. } => self.total = *total,
            Event::Step(step) => self.step(step),
            Event::Result(result) => {
                self.ended += 1;
                self.rows.retain(|row| row.id != result.id);
            }
            Event::Finished(_) => self.rows.clear(),
        }
    }

    fn step(&mut self, step: &Step) {
        let reason = match step.kind {
            StepKind::NotReady(reason) => Some(reason),
            StepKind::Accepted => None,
            _ => return,
        };
        let since = Instant::now();
        if let Some(row) = self.rows.iter_mut().find(|row| row.id == step.id) {
            (row.reason, row.since) = (reason, since);
        } else {
            let name = escape_control(step.conn_id.as_deref().unwrap_or("(no name)"));
            self.rows.push(Row { id: step.id.clone(), name, reason, since });
        }
    }

    /// Erases the board, so that lines can be written.
    ///
    /// # Errors
    ///
    /// When writing to the terminal fails.
    pub fn clear(&mut self) -> io::Result<()> {
        if self.drawn > 0 {
            write!(self.out, "\x1b[{}F\x1b[0J", std::mem::take(&mut self.drawn))?;
            self.out.flush()?;
        }
        Ok(())
    }

    /// Redraws the board.
    ///
    /// # Errors
    ///
    /// When writing to the terminal fails.
    pub fn draw(&mut self) -> io::Result<()> {
        let mut text = if self.drawn > 0 { format!("\x1b[{}F\x1b[0J", self.drawn) } else { String::new() };
        let lines = self.lines();
        self.drawn = lines.len();
        for line in &lines {
            text.push_str(line);
            text.push('\n');
        }
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }

    fn lines(&self) -> Vec<String> {
        if self.ended >= self.total {
            return Vec::new();
        }
        let waiting = self.total - self.ended;
        let head = format!("waiting for {waiting} of {}, {}", self.total, seconds(self.since.elapsed()));
        let width = self.rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0).min(self.style.width / 2);
        let row = |row: &Row| {
            let state = row.reason.map_or_else(|| "accepts logins".to_owned(), words);
            let since: Duration = row.since.elapsed();
            shortened(
                &format!("  {:width$}  {state}, {}", shortened(&row.name, width), seconds(since)),
                self.style.width,
            )
        };
        let more = self.rows.len().saturating_sub(self.most);
        let more = (more > 0).then(|| format!("  and {more} more"));
        let lines = std::iter::once(head).chain(self.rows.iter().take(self.most).map(row)).chain(more);
        // A line that is as wide as the terminal would wrap on some.
        lines.map(|line| shortened(&line, self.style.width.saturating_sub(1))).collect()
    }
}
