//! Warnings about a source as a whole, and about the names of its definitions.

use super::Notice;
use crate::model::warning::{Warning, WarningCode as Code};
use crate::model::{several, shell};

/// What to warn about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceNotice {
    /// A file with secrets that all users may read.
    WorldReadable {
        /// The file.
        file: String,
    },
    /// The source is one page of a longer response.
    Page {
        /// The number of definitions in it.
        read: usize,
        /// The total number.
        total: usize,
    },
    /// Entries that do not resemble a definition.
    EntriesNotRead {
        /// Their positions, in backticks.
        places: Vec<String>,
    },
    /// Two sources have the same label.
    SameLabel {
        /// The label.
        own: String,
        /// The label with a number appended.
        numbered: String,
        /// The source's name.
        name: String,
    },
    /// A name that other definitions have too.
    SharedName {
        /// The positions of the first others, as a list.
        places: String,
        /// The definition that Airflow would use.
        used: Option<UsedByAirflow>,
    },
    /// A name that occurs more than once in its file.
    NameTwice {
        /// The number of occurrences.
        count: usize,
        /// Which of them is used.
        rule: Repeated,
    },
    /// A name that is not text.
    NameNotText {
        /// The kind of value, such as `a number`.
        kind: &'static str,
    },
    /// A name that may contain a password.
    NameHidden,
    /// A name that contains a secret of its definition.
    NameHoldsSecret,
    /// A key in a secret that Airflow does not support.
    SecretUnread {
        /// The key.
        key: String,
    },
    /// Keys in a secret of Secrets Manager that Airflow ignores.
    SecretDropped {
        /// The keys.
        keys: Vec<String>,
    },
    /// Airflow reads `conn_id` in a secret as the type.
    ConnIdIsType {
        /// Whether the secret contains another type as well.
        beside_type: bool,
    },
    /// Airflow reads only the URI of a secret.
    OnlyUri {
        /// The key of the URI.
        key: &'static str,
    },
    /// A secret that seems to be encrypted, but is marked as plain text.
    LooksEncrypted {
        /// The field.
        field: &'static str,
    },
}

/// Which of the definitions with one name Airflow would use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UsedByAirflow {
    /// This one.
    This,
    /// The one at this position.
    Other(String),
}

/// How a repeated name is handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeated {
    /// Airflow uses the last one.
    AirflowTakesLast,
    /// The last one is used.
    LastCounts,
    /// Airflow rejects the file.
    Refused,
}

/// The maximum number of entries in one warning.
const NAMED: usize = 5;

impl Notice for SourceNotice {
    fn warning(&self) -> Warning {
        match self {
            Self::WorldReadable { file } => Warning::new(
                Code::WorldReadableFile,
                format!(
                    "every user of this machine may read `{file}`, which holds secrets: chmod o-r {}",
                    shell::path(file)
                ),
            ),
            Self::Page { read, total } => Warning::new(
                Code::PageOfAnswer,
                format!("the file is one page of an answer: {read} of {total} connections"),
            ),
            Self::EntriesNotRead { places } => Warning::new(
                Code::EntryNotRead,
                format!("what does not look like a connection was not read: {}", several::listed(places, NAMED)),
            ),
            Self::SameLabel { own, numbered, name } => Warning::new(
                Code::AmbiguousSourceLabel,
                format!(
                    "another source is called `{own}` too, so these ids are those of `{numbered}` and change with the \
                     order of the sources: give each a label, as `NAME={}`",
                    shell::quoted(name)
                ),
            ),
            Self::SharedName { places, used } => {
                let used = match used {
                    Some(UsedByAirflow::This) => "; Airflow would use this one".to_owned(),
                    Some(UsedByAirflow::Other(place)) => format!("; Airflow would use `{place}`"),
                    None => String::new(),
                };
                Warning::new(Code::AmbiguousConnId, format!("the name is shared with {places}{used}"))
            }
            Self::NameTwice { count, rule } => Warning::new(
                Code::DuplicateKey,
                format!("the name stands {count} times in the file; each is checked, {}", rule.words()),
            ),
            Self::NameNotText { kind } => Warning::new(
                Code::ConnIdNotText,
                format!("the name is {kind} to Airflow, which then knows none: put it in quotes"),
            ),
            Self::NameHidden => Warning::new(
                Code::NameHidden,
                "the name looks like a URI with a login, and is not shown: give the entry a name of its own",
            ),
            Self::NameHoldsSecret => Warning::new(
                Code::NameHidden,
                "the name has a secret of the definition in it, and is not shown: give the entry another name",
            ),
            Self::SecretUnread { key } => Warning::new(
                Code::AirflowIgnores,
                format!("because of `{key}` Airflow finds no connection in this secret"),
            ),
            Self::SecretDropped { keys } => {
                let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
                let keys = keys.join(", ");
                Warning::new(
                    Code::AirflowIgnores,
                    format!("Airflow does not read {keys} of a secret in Secrets Manager"),
                )
            }
            Self::ConnIdIsType { beside_type } => {
                let read = if *beside_type { "and not the type that stands behind it" } else { "as here" };
                Warning::new(
                    Code::ConnIdIsType,
                    format!("Airflow takes `conn_id` in this secret for the connection's type, {read}"),
                )
            }
            Self::OnlyUri { key } => Warning::new(
                Code::IgnoredField,
                format!("`{key}` is all that Airflow reads of this secret; the rest was ignored"),
            ),
            Self::LooksEncrypted { field } => Warning::new(
                Code::LooksEncrypted,
                format!(
                    "`{field}` looks like a Fernet token, and its row says that it is not encrypted: it is used as it is"
                ),
            ),
        }
    }
}

impl Repeated {
    fn words(self) -> &'static str {
        match self {
            Self::AirflowTakesLast => "Airflow takes the last",
            Self::LastCounts => "the last one counts",
            Self::Refused => "Airflow refuses the file",
        }
    }
}
