//! The expected result of a cell, and when it must be reported.

use std::fmt;

/// When a result must be reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Within 250 ms of the fault.
    Fast,
    /// At the deadline, and not before.
    Deadline,
}

/// The result that a cell must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// `ok`, or the class of the failure.
    pub class: &'static str,
    /// The phase of the failure; not compared for `ok`.
    pub phase: &'static str,
    /// When it must be reported.
    pub pace: Pace,
}

/// A failure that is reported at once.
pub const fn fast(class: &'static str, phase: &'static str) -> Expected {
    Expected { class, phase, pace: Pace::Fast }
}

/// A timeout in `phase`, reported at the deadline.
pub const fn late(phase: &'static str) -> Expected {
    Expected { class: "timeout", phase, pace: Pace::Deadline }
}

/// The login succeeds.
pub const OK: Expected = fast("ok", "");

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.class == "ok" { f.write_str("ok") } else { write!(f, "{}/{}", self.class, self.phase) }
    }
}
