//! `Failure`: why a probe did not succeed, as data. `Warning`: what deserves attention although it did.

use serde::Serialize;

use super::class::{Class, Status};
use super::phase::Phase;

/// Why a probe did not succeed.
///
/// `message` and `hint` are our words; `detail` is the server's own text, raw until the engine has
/// scrubbed it (see [`super::redact`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Who or what is at fault.
    pub class: Class,
    /// The class's own status unless a driver knows better.
    pub status: Status,
    /// Where it stopped; the engine fills it from the recorder when a driver leaves it open.
    pub phase: Option<Phase>,
    /// The server's own code, as a string.
    pub code: Option<String>,
    /// A lower-case fragment with the value at fault in backticks.
    pub message: String,
    /// One sentence on what to do.
    pub hint: Option<String>,
    /// The server's own text: untrusted.
    pub detail: Option<String>,
}

impl Failure {
    /// A failure of `class`, said in `message`.
    #[must_use]
    pub fn new(class: Class, message: impl Into<String>) -> Self {
        Self {
            class,
            status: class.status(),
            phase: None,
            code: None,
            message: message.into(),
            hint: None,
            detail: None,
        }
    }

    /// Sets the hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Sets the server's code.
    #[must_use]
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Sets the server's own text.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Pins the phase, where the recorder's open one is not the right answer.
    #[must_use]
    pub fn at(mut self, phase: Phase) -> Self {
        self.phase = Some(phase);
        self
    }

    /// Overrides the status that the class implies.
    #[must_use]
    pub fn status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }
}

/// Something that deserves attention on an otherwise fine result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// A stable word, as `tls_unverified`.
    pub code: &'static str,
    /// A lower-case fragment for people.
    pub message: String,
}

impl Warning {
    /// A warning `code`, said in `message`.
    #[must_use]
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}
