//! `Report`: what takes the events of a run.

use std::io;

use crate::model::event::Event;

/// One way to tell what happens in a run.
pub trait Report {
    /// Takes the next event. Streaming reports write it, the others write at [`Event::Finished`].
    ///
    /// # Errors
    ///
    /// When the text cannot be written.
    fn event(&mut self, event: &Event) -> io::Result<()>;

    /// No further event is waiting: what was written is to be seen.
    ///
    /// # Errors
    ///
    /// When the text cannot be written.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Time passes without an event: a report that shows a clock moves it.
    ///
    /// # Errors
    ///
    /// When the text cannot be written.
    fn tick(&mut self) -> io::Result<()> {
        Ok(())
    }
}
