//! JSON text → a [`Node`] tree; and an object → the text that Python writes of it.
//!
//! A reader of its own, because definitions need what general ones drop: the line of every entry,
//! keys that stand twice, and `NaN` as Python writes it. Everything else is strict, as Python is.
//! Linear in time; nothing of the text gets into an error.

mod reader;
mod string;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use self::reader::parse;
pub(crate) use self::write::{push_members, push_object, push_text};
