//! Groups failures by root cause.
//!
//! Failures at one place with the same class and message form one cause. Causes at several places are merged if one
//! fact explains them all and no result of the run contradicts it: a host that is down, a missing DNS zone, DNS servers
//! that do not answer, an authority, an account, or types without a driver. Equal failures of definitions or keys form
//! one cause wherever they occur.

#[expect(clippy::module_inception, reason = "the struct that gives the module its name has a file of its own")]
mod cause;
mod counted;
mod grouping;
#[cfg(test)]
mod tests;

pub use self::cause::Cause;
pub use self::grouping::Causes;
