//! The fields that an entry gives: what is wrong with them, and the words for it. Values are quoted only where they
//! look like a number.

use super::Flaw;
use super::field::bad;
use crate::model::document::SyntaxError;
use crate::model::reason::{Field, ReasonCode as Code, Words};

/// What is wrong with a field as it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GivenFlaw {
    /// Two spellings of one field that differ.
    Differ {
        /// The first one.
        one: String,
        /// The other one.
        other: String,
        /// The form field, where there is one.
        field: Option<Field>,
    },
    /// Both spellings of `extra`.
    TwoExtras,
    /// Fields beside a URI.
    BesideUri {
        /// As each is spelt, and the form field.
        fields: Vec<(String, Field)>,
    },
    /// A field that is no text.
    NotText {
        /// As it is spelt.
        written: String,
        /// The form field, where there is one.
        field: Option<Field>,
        /// The kind of value, as `a list`.
        found: &'static str,
    },
    /// A port that is no whole number from 1 to 65535.
    PortOutOfRange {
        /// The number.
        written: String,
    },
    /// A port that is a text, and no number.
    PortNotANumber,
    /// A port that was never filled in.
    PortPlaceholder,
    /// A port that is neither a number nor a text.
    PortOfKind {
        /// The kind of value.
        found: &'static str,
    },
    /// An `extra` that is a text, and no JSON.
    ExtraNotJson {
        /// As it is spelt.
        field: String,
        /// Where and why.
        error: SyntaxError,
    },
    /// An `extra` that is no object.
    ExtraNotObject {
        /// As it is spelt.
        field: String,
        /// The kind of value.
        found: &'static str,
    },
    /// A value in `extra` that only a reader of its tag could read.
    ExtraTagged {
        /// `extra` as it is spelt, and the keys that lead to the value.
        path: String,
        /// The kind of value.
        found: &'static str,
    },
    /// Stars in place of a secret.
    Masked {
        /// The field, or the key of `extra`, as it is spelt.
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
