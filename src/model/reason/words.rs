//! `Words`: the message, hint, class and fields of a reason.

use std::borrow::Cow;

use super::{Field, ReasonCode};
use crate::model::class::Class;

/// The description of a reason. Only this module creates it, so every failure needs a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The stable identifier.
    pub code: ReasonCode,
    /// Who or what is at fault: the code's usual class, unless it is known better.
    pub class: Class,
    /// A lower-case fragment with the value at fault in backticks.
    pub message: String,
    /// One sentence on what to do.
    pub hint: Option<Cow<'static, str>>,
    /// The form fields at fault.
    pub fields: Vec<Field>,
}

impl Words {
    /// `message` under `code`, with the code's usual class and fields.
    #[must_use]
    pub(crate) fn new(code: ReasonCode, message: impl Into<String>) -> Self {
        Self {
            code,
            class: code.class(),
            message: message.into(),
            hint: None,
            fields: code.fields().iter().map(|path| Field::named(path)).collect(),
        }
    }

    /// Sets the hint.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Sets another class than the code's.
    #[must_use]
    pub(crate) fn class(mut self, class: Class) -> Self {
        self.class = class;
        self
    }

    /// Sets other fields than the code's.
    #[must_use]
    pub(crate) fn fields(mut self, fields: impl IntoIterator<Item = Field>) -> Self {
        self.fields = fields.into_iter().collect();
        self
    }
}
