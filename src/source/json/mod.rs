//! JSON text → a [`Node`] tree.
//!
//! A reader of our own, because definitions need what general ones drop: the line of every entry,
//! keys that stand twice, and `NaN` as Python writes it. Everything else is strict, as Python is.
//! Linear in time; nothing of the text gets into an error.

mod reader;
mod string;

use self::reader::Reader;
use super::document::{DEPTH, Node, SyntaxError, VALUES};

/// Reads the one value that `text` holds.
pub(super) fn parse(text: &str) -> Result<Node<'_>, SyntaxError> {
    Reader::new(text).document()
}

#[cfg(test)]
mod tests;
