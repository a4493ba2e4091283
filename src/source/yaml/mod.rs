//! Parses YAML text to a [`Node`] tree, by the rules of YAML 1.1, which Airflow uses.
//!
//! The parser crate owns the grammar and yields events. This module sets the bounds: depth, number of values, size of
//! copied aliases, and how far the parser may read ahead. Parsing takes linear time. No error contains part of the
//! text. The crate does not wipe its own buffers.

mod fault;
mod merge;
mod parse;
mod scalar;
#[cfg(test)]
mod tests;
mod tree;

pub(super) use self::parse::parse;
