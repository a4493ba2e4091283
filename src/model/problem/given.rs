//! Problems of the fields of an entry, and their messages. Values are quoted only if they resemble a number.

use super::Flaw;
use super::field::bad;
use crate::model::document::SyntaxError;
use crate::model::reason::{Field, ReasonCode as Code, Words};

/// What is wrong with a field in an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GivenFlaw {
    /// Two spellings of one field have different values.
    Differ {
        /// The first spelling.
        one: String,
        /// The second spelling.
        other: String,
        /// The form field, if there is one.
        field: Option<Field>,
    },
    /// `extra` is given in both spellings.
    TwoExtras,
    /// Fields are given next to a URI.
    BesideUri {
        /// Each field as written, and the form field.
        fields: Vec<(String, Field)>,
    },
    /// A field is not text.
    NotText {
        /// The field as written.
        written: String,
        /// The form field, if there is one.
        field: Option<Field>,
        /// The kind of value, such as `a list`.
        found: &'static str,
    },
    /// A port is not a whole number from 1 to 65535.
    PortOutOfRange {
        /// The number as written.
        written: String,
    },
    /// A port is text, but not a number.
    PortNotANumber,
    /// A port is a placeholder.
    PortPlaceholder,
    /// A port is neither a number nor text.
    PortOfKind {
        /// The kind of value.
        found: &'static str,
    },
    /// `extra` is text, but not JSON.
    ExtraNotJson {
        /// The field as written.
        field: String,
        /// The position and the reason.
        error: SyntaxError,
    },
    /// `extra` is not an object.
    ExtraNotObject {
        /// The field as written.
        field: String,
        /// The kind of value.
        found: &'static str,
    },
    /// A value in `extra` has a YAML tag that connprobe does not interpret.
    ExtraTagged {
        /// `extra` as written, and the keys of the path to the value.
        path: String,
        /// The kind of value.
        found: &'static str,
    },
    /// A secret is replaced by asterisks.
    Masked {
        /// The field, or the key of `extra`, as written.
        written: String,
        /// The form field.
        field: Field,
    },
}

const OBJECT: &str = "write it as an object, or as the text of one";

impl Flaw for GivenFlaw {
    fn words(&self) -> Words {
        match self {
            Self::Differ { one, other, field } => {
                contradicting(format!("`{one}` and `{other}` mean the same and differ"))
                    .fields(field.clone())
                    .hint("keep one of them")
            }
            Self::TwoExtras => bad(Field::EXTRA, "`extra` and `extra_dejson` are both given").hint("keep one of them"),
            Self::BesideUri { fields } => {
                let written: Vec<String> = fields.iter().map(|(written, _)| format!("`{written}`")).collect();
                contradicting(format!("a URI cannot be mixed with fields of its own: {}", written.join(", ")))
                    .fields(fields.iter().map(|(_, field)| field.clone()))
                    .hint("keep either the URI or the fields; which of them Airflow should use it does not know")
            }
            Self::NotText { written, field, found } => {
                Words::new(Code::BadField, format!("`{written}` must be a text, not {found}")).fields(field.clone())
            }
            Self::PortOutOfRange { written } => {
                port(format!("`port` `{written}` is not a whole number from 1 to 65535"))
            }
            Self::PortNotANumber => port("`port` is not a number"),
            Self::PortPlaceholder => port("`port` looks like a placeholder that was never filled in"),
            Self::PortOfKind { found } => port(format!("`port` must be a number, not {found}")),
            Self::ExtraNotJson { field, error } => {
                bad(Field::EXTRA, format!("`{field}` is not JSON: {error}")).hint(error.hint.unwrap_or(OBJECT))
            }
            Self::ExtraNotObject { field, found } => {
                bad(Field::EXTRA, format!("`{field}` must be an object, not {found}")).hint(OBJECT)
            }
            Self::ExtraTagged { path, found } => {
                bad(Field::EXTRA, format!("`{path}` is {found}")).hint("write what it stands for, without the tag")
            }
            Self::Masked { written, field } => {
                let extra = if field.as_str().starts_with("extra.") { "extra " } else { "" };
                Words::new(
                    Code::SecretMasked,
                    format!("{extra}`{written}` is masked: `***` stands where the secret was"),
                )
                .fields([field.clone()])
                .hint("write the file with `airflow connections export`, which masks nothing")
            }
        }
    }
}

fn contradicting(message: String) -> Words {
    Words::new(Code::ContradictingFields, message)
}

fn port(message: impl Into<String>) -> Words {
    bad(Field::PORT, message).hint("correct it, or leave it out for the type's usual port")
}
