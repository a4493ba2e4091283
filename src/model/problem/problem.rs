//! `Problem`: the description of a flaw, as part of a result.

use super::Flaw;
use crate::model::class::Class;
use crate::model::reason::{Field, ReasonCode};

/// Something that makes a definition unusable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A lower-case fragment with the field at fault in backticks. It contains no secret.
    pub message: String,
    /// One sentence on what to do.
    pub hint: Option<String>,
    /// `definition`, or `secret` if a stored value cannot be decrypted.
    pub class: Class,
    /// The stable identifier of the problem.
    pub reason: ReasonCode,
    /// The form fields at fault.
    pub fields: Vec<Field>,
}

impl<F: Flaw> From<F> for Problem {
    fn from(flaw: F) -> Self {
        let words = flaw.words();
        Self {
            message: words.message,
            hint: words.hint.map(Into::into),
            class: words.class,
            reason: words.code,
            fields: words.fields,
        }
    }
}
