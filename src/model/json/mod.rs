//! Parses JSON text into a [`Node`] tree, and writes an object as Python does.
//!
//! connprobe has its own parser because definitions need what general ones drop: the line of every entry, repeated
//! keys, and `NaN` as Python writes it. Everything else is as strict as in Python. Parsing is linear in time, and
//! errors contain nothing of the text.

mod reader;
mod string;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use self::reader::parse;
pub(crate) use self::write::{push_members, push_object, push_text};
