//! `Report`: the consumer of a run's events.

use std::io;

use crate::model::event::Event;

/// A report on the events of a run.
pub trait Report {
    /// Processes the next event. Streaming reports write it at once, others write at [`Event::Finished`].
    ///
    /// # Errors
    ///
    /// When the text cannot be written.
    fn event(&mut self, event: &Event) -> io::Result<()>;

    /// Called when no further event is waiting, so that the text written so far becomes visible.
    ///
    /// # Errors
    ///
    /// When the text cannot be written.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Called at intervals without an event, so that a report can update its display of elapsed time.
    ///
    /// # Errors
    ///
    /// When the text cannot be written.
    fn tick(&mut self) -> io::Result<()> {
        Ok(())
    }
}
