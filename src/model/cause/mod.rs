//! Grouping: failures with one root cause read as one.
//!
//! Failures of one place that read the same are one cause. Then causes of several places are put
//! together where one thing explains them all, and nothing in the run speaks against it: a host that
//! is down, a DNS zone that is gone, DNS servers that do not answer, an authority, an account, types that
//! have no driver. What is wrong with definitions or keys is one cause where it reads the same.

mod counted;
mod grouping;
#[cfg(test)]
mod tests;

pub use self::grouping::{Cause, Causes};
