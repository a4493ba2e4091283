//! YAML text → a [`Node`] tree, by the words of YAML 1.1, which Airflow reads.
//!
//! The grammar is the parser crate's; what it gives are events. The bounds are set here: depth, number
//! of values, what aliases may grow to, and how far the parser may read ahead. Linear in time;
//! nothing of the text gets into an error. What the crate itself puts aside it does not wipe.

mod fault;
mod merge;
mod parse;
mod scalar;
#[cfg(test)]
mod tests;
mod tree;

pub(super) use self::parse::parse;
