//! Layer 4: where connections are loaded from.
//!
//! A source is read whole, within a limit of time and size, and gives connections in its own order.
//! What makes a source unreadable is a [`SourceError`]; what is wrong with one entry belongs to that
//! entry and hides no other. Nothing here opens a connection or writes anything, and no message
//! quotes what a source holds.

mod ambiguous;
mod document;
mod entry;
mod error;
mod json;
mod read;
mod shape;
mod spec;

use std::time::Duration;

pub use self::ambiguous::mark_ambiguous;
pub use self::error::SourceError;
pub use self::json::SyntaxError;
pub use self::spec::SourceSpec;
use crate::model::connection::Connection;

/// What a source gave.
#[derive(Debug)]
pub struct Loaded {
    /// The source's name, as results show it.
    pub name: String,
    /// Every entry in its order, those with problems included.
    pub connections: Vec<Connection>,
}

/// Loads every connection of a source, giving up on pipes after `limit`.
///
/// # Errors
///
/// Why the source as a whole cannot be read.
pub fn load(spec: &SourceSpec, limit: Duration) -> Result<Loaded, SourceError> {
    let name = spec.to_string();
    let text = read::read(&spec.input, &name, limit)?;
    if !spec.is_json && !text.trim_start().starts_with(['{', '[']) {
        return Err(SourceError::UnknownFormat { file: name });
    }
    let document = json::parse(&text).map_err(|error| SourceError::Syntax { file: name.clone(), error })?;
    let connections = shape::read(document, &name, spec.input.directory())?;
    Ok(Loaded { name, connections })
}
