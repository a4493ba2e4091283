//! Warnings about the fields of an entry.

use super::Notice;
use crate::model::several;
use crate::model::warning::{Warning, WarningCode as Code};

/// What to warn about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntryNotice {
    /// A string that contains JSON, in a file.
    JsonText,
    /// A port that YAML reads as an octal number.
    YamlOctal {
        /// The number that YAML reads.
        read: String,
    },
    /// The name in the entry differs from the key it is stored under.
    OtherName {
        /// The name in the entry.
        inner: String,
    },
    /// A number or word instead of text.
    NotText {
        /// The field as written.
        field: String,
        /// The kind of value.
        kind: &'static str,
    },
    /// A field that occurs more than once.
    FieldTwice {
        /// The field as written.
        field: String,
        /// The number of occurrences.
        count: usize,
    },
    /// A key in `extra` that occurs more than once.
    KeyTwice {
        /// `extra` as written, and the keys of the path.
        path: String,
    },
    /// A URI parameter that occurs more than once.
    ParameterTwice {
        /// The parameter.
        name: String,
    },
    /// Other parameters next to `__extra__`.
    ParametersLost {
        /// The parameters.
        names: Vec<String>,
    },
    /// An unknown field.
    UnknownField {
        /// The field as written.
        field: String,
        /// The field that is probably meant.
        guess: Option<&'static str>,
    },
    /// More unknown fields.
    MoreUnknownFields {
        /// Their number.
        count: usize,
    },
}

/// The maximum number of parameters in one warning.
const NAMED: usize = 10;

impl Notice for EntryNotice {
    fn warning(&self) -> Warning {
        match self {
            Self::JsonText => Warning::new(
                Code::JsonText,
                "the definition is JSON inside a text: in a file Airflow takes that for a URI",
            ),
            Self::YamlOctal { read } => Warning::new(
                Code::YamlOctal,
                format!("Airflow reads this port as {read}: in YAML a number that begins with 0 is octal"),
            ),
            Self::OtherName { inner } => Warning::new(
                Code::ConnIdMismatch,
                format!("the entry calls itself `{inner}` inside: Airflow refuses that"),
            ),
            Self::NotText { field, kind } => {
                Warning::new(Code::NotText, format!("`{field}` is {kind}, and should be a text: put it in quotes"))
            }
            Self::FieldTwice { field, count } => Warning::new(
                Code::DuplicateField,
                format!("`{field}` stands {count} times in this entry; the last one counts, as in Airflow"),
            ),
            Self::KeyTwice { path } => Warning::new(
                Code::DuplicateField,
                format!("`{path}` stands more than once; the last one counts, as in Airflow"),
            ),
            Self::ParameterTwice { name } => Warning::new(
                Code::DuplicateField,
                format!("the parameter `{name}` stands more than once in the URI; the last one counts, as in Airflow"),
            ),
            Self::ParametersLost { names } => {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                let names = several::listed(&names, NAMED);
                Warning::new(
                    Code::UriExtraShadow,
                    format!("Airflow loses {names} of the URI, because `__extra__` is there too"),
                )
            }
            Self::UnknownField { field, guess } => {
                let advice =
                    guess.map_or("options belong in `extra`".to_owned(), |field| format!("did you mean `{field}`?"));
                Warning::new(
                    Code::UnknownField,
                    format!("`{field}` is not a field of a connection and was ignored ({advice})"),
                )
            }
            Self::MoreUnknownFields { count } => {
                Warning::new(Code::UnknownField, format!("{count} more unknown fields were ignored"))
            }
        }
    }
}
