//! `Verify`: what an extra of that name says of the check of the server's certificate: yes, no, or by which authorities. Pure.

use serde_json::Value;

use crate::model::extra;

/// What is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verify {
    /// Everything, or nothing.
    Flag {
        /// Everything.
        checked: bool,
        /// The flag is a text, which the usual client takes for the name of a file.
        as_text: bool,
    },
    /// Everything, by the authorities in this file.
    Authorities(String),
}

impl Verify {
    /// Reads `value`; `None` for what is neither.
    #[must_use]
    pub fn read(value: &Value) -> Option<Self> {
        match (extra::flag(value), value) {
            (Some(checked), Value::Bool(_)) => Some(Self::Flag { checked, as_text: false }),
            (Some(false), Value::Number(_)) => Some(Self::Flag { checked: false, as_text: false }),
            (Some(checked), _) => Some(Self::Flag { checked, as_text: true }),
            (None, Value::String(text)) if !text.is_empty() => Some(Self::Authorities(text.clone())),
            _ => None,
        }
    }
}
