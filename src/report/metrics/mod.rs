//! `--format prometheus` and `--format openmetrics`: the outcome of one run as series, under the names and labels that a
//! server of connprobe's would have them.

#[expect(clippy::module_inception, reason = "the report that gives the module its name has a file of its own")]
mod metrics;
mod row;
mod series;

pub use self::metrics::{Exposition, Metrics};
