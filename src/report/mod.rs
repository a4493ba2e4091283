//! Layer 1: events in, text out. A report knows the words of `model` and nothing else: not where
//! connections come from, nor how they are checked.

pub mod export;
pub mod json;
pub mod listing;
pub mod ndjson;
pub mod sync;
pub mod table;

mod schema;

use std::io;

use crate::model::event::Event;

/// One way to tell what happens in a run.
pub trait Report {
    /// Takes the next event. Streaming reports write at once, the others at [`Event::Finished`].
    ///
    /// # Errors
    ///
    /// When the text cannot be written.
    fn event(&mut self, event: &Event) -> io::Result<()>;

    /// Time passes without an event: a report that shows a clock moves it.
    ///
    /// # Errors
    ///
    /// When the text cannot be written.
    fn tick(&mut self) -> io::Result<()> {
        Ok(())
    }
}
