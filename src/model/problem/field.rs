//! The display of fields in messages.

use crate::model::reason::{Field, ReasonCode as Code, Words};

/// `host`, or extra `sslmode`, each in backticks.
pub(crate) fn named(field: &Field) -> String {
    match field.as_str().strip_prefix("extra.") {
        Some(key) => format!("extra `{key}`"),
        None => format!("`{field}`"),
    }
}

/// The description of a `field` whose value cannot be used, with `message`.
pub(crate) fn bad(field: Field, message: impl Into<String>) -> Words {
    Words::new(Code::BadField, message).fields([field])
}

/// The description of an empty `field`.
pub(crate) fn missing(field: Field) -> Words {
    Words::new(Code::MissingField, format!("`{field}` is missing")).fields([field])
}
