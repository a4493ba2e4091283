//! `Verify`: how an extra of that name sets the check of the server's certificate: on, off, or by which authorities.
//! Pure.

use serde_json::Value;

use crate::model::extra;

/// What is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verify {
    /// Everything is checked, or nothing.
    Flag {
        /// Whether everything is checked.
        checked: bool,
        /// Whether the flag is text, which the usual client takes for the name of a file.
        as_text: bool,
    },
    /// Everything is checked, against the authorities in this file.
    Authorities(String),
}

impl Verify {
    /// Reads `value`; `None` if it is neither a flag nor a file.
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
