//! Layer 1: converts events to text. A report depends on `model` only; it must not know where connections come from, or
//! how they are checked.

pub mod export;
pub mod github;
pub mod json;
mod json_writer;
#[cfg(feature = "cli")]
pub mod junit;
pub mod listing;
#[cfg(feature = "cli")]
pub mod metrics;
pub mod nagios;
#[cfg(feature = "cli")]
mod naming;
pub mod ndjson;
mod phrases;
pub mod sync;
pub mod table;
pub mod verbose;
mod verdict;
pub mod waiting;

#[expect(clippy::module_inception, reason = "the trait that gives the module its name has a file of its own")]
mod report;
#[cfg(test)]
mod tests;

pub use self::report::Report;
