//! JSON text → a [`Node`] tree.
//!
//! A reader of our own, because definitions need what general ones drop: the line of every entry,
//! keys that stand twice, and `NaN` as Python writes it. Everything else is strict, as Python is.
//! Linear in time; nothing of the text gets into an error.

mod reader;
mod string;

use self::reader::Reader;
use super::document::Node;

/// How deep lists and objects may nest.
const DEPTH: usize = 128;

/// How many values a document may hold: far more than definitions need, and few enough that 64 MiB
/// of `[],[],[]` do not become gigabytes.
const VALUES: usize = 2_000_000;

/// Why a text is not JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub struct SyntaxError {
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    /// What was expected there, or what may not stand there.
    pub what: &'static str,
    /// One sentence on the usual reason.
    pub hint: Option<&'static str>,
}

/// Reads the one value that `text` holds.
pub(super) fn parse(text: &str) -> Result<Node<'_>, SyntaxError> {
    Reader::new(text).document()
}

#[cfg(test)]
mod tests;
