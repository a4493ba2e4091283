//! Layer 1: converts events to text. A report depends on `model` only; it must not know where connections come from, or
//! how they are checked.

pub mod export;
pub mod json;
mod json_writer;
pub mod listing;
pub mod ndjson;
pub mod sync;
pub mod table;
pub mod verbose;
pub mod waiting;

#[expect(clippy::module_inception, reason = "the trait that gives the module its name has a file of its own")]
mod report;
#[cfg(test)]
mod tests;

pub use self::report::Report;
