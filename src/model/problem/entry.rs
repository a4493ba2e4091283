//! Problems of an entry that is not a definition, and their messages. The content is not quoted.

use super::Flaw;
use crate::model::document::SyntaxError;
use crate::model::reason::{ReasonCode as Code, Words};

/// Why an entry of a source is not a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntryFlaw {
    /// An empty text.
    Empty,
    /// An empty list under a name.
    EmptyList,
    /// A value of the wrong kind.
    OtherKind {
        /// The kind, such as `a number`.
        found: &'static str,
    },
    /// A text that begins like JSON, but is invalid.
    NotJson {
        /// The position and the reason.
        error: SyntaxError,
    },
    /// An environment variable that is not valid UTF-8.
    VariableNotUtf8,
    /// A variable whose name contains no `conn_id`.
    VariableNameless,
    /// A malformed line of an environment file.
    Line(BadLine),
    /// A backend's secret that is not text.
    SecretBinary,
    /// A backend's secret that is larger than any definition.
    SecretTooLarge {
        /// The limit in KiB.
        kib: usize,
    },
    /// The URI in a secret is not text.
    UriNotText {
        /// The key of the URI.
        key: &'static str,
    },
}

/// What is wrong with a line of an environment file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadLine {
    /// It has no `=`.
    NoSign,
    /// It has no name before the `=`.
    NoName,
    /// It has no value after the `=`.
    NoValue,
    /// It has an opening quote without a closing one.
    Unclosed,
    /// It has text after the closing quote.
    Behind,
}

impl Flaw for EntryFlaw {
    fn words(&self) -> Words {
        match self {
            Self::Empty => bad("the definition is empty"),
            Self::EmptyList => bad("the list under this name is empty: there is no definition to check")
                .hint("remove the name, or put a definition into its list"),
            Self::OtherKind { found } => bad(format!("a definition must be an object or a URI, not {found}"))
                .hint("write `{\"conn_type\": …, \"host\": …}` or `\"TYPE://LOGIN:PASSWORD@HOST:PORT/DATABASE\"`"),
            Self::NotJson { error } => bad(format!("the definition is a text, but not JSON: {error}"))
                .hint(error.hint.unwrap_or("write it as an object")),
            Self::VariableNotUtf8 => bad("the variable is not UTF-8 text").hint("set it anew as UTF-8"),
            Self::VariableNameless => bad("the name of the variable ends where the conn_id should begin")
                .hint("name it AIRFLOW_CONN_ and then the conn_id in capitals"),
            Self::Line(line) => line.words(),
            Self::SecretBinary => bad("the secret is binary, and a connection is a text")
                .hint("store it as `SecretString`, which is all that Airflow reads"),
            Self::SecretTooLarge { kib } => {
                bad(format!("the secret is larger than {kib} KiB")).hint("it is not a definition")
            }
            Self::UriNotText { key } => bad(format!("`{key}` must be a text")),
        }
    }
}

impl BadLine {
    fn words(self) -> Words {
        match self {
            Self::NoSign => {
                bad("the line has no `=`").hint("a line is `CONN_ID=URI`; a value of several lines stands in quotes")
            }
            Self::NoName => bad("what stands before `=` is not a name")
                .hint("a line is `CONN_ID=URI`; a name has letters, digits, `_`, `-` and `.`"),
            Self::NoValue => bad("the line gives no definition").hint("put a URI behind `=`, or remove the line"),
            Self::Unclosed => bad("the quote that opens the definition is not closed")
                .hint("close it, or write the definition without"),
            Self::Behind => bad("something follows the quote that closes the definition")
                .hint("in single quotes there can be no `'`, and in double quotes a `\"` is written `\\\"`"),
        }
    }
}

fn bad(message: impl Into<String>) -> Words {
    Words::new(Code::BadEntry, message)
}
