//! `SourceError`: why a source gives no definitions at all. Quotes names of files, never what is in them.

use std::time::Duration;

use super::foreign::Foreign;
use crate::model::document::SyntaxError;
use crate::model::failure::Failure;
use crate::model::limit;
use crate::model::os_error::in_words;
use crate::model::plain::HIDDEN;
use crate::model::reason::{ReasonCode, Words};

/// Why a source cannot be read. Its text is a lower-case fragment; [`SourceError::hint`] says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// A SOURCE that names nothing.
    #[error("`{word}` is not a source")]
    Nameless {
        /// The argument.
        word: String,
    },
    /// A URL with a password as an argument; it is not quoted.
    #[error("a SOURCE on the command line holds a password")]
    PasswordInArgument,
    /// No such file.
    #[error("`{file}` does not exist")]
    Missing {
        /// The source's name.
        file: String,
    },
    /// The file's permissions.
    #[error("`{file}` may not be read: permission denied")]
    Denied {
        /// The source's name.
        file: String,
    },
    /// A directory.
    #[error("`{file}` is a directory")]
    Directory {
        /// The source's name.
        file: String,
    },
    /// Any other refusal of the operating system.
    #[error("`{file}` cannot be read: {}", in_words(reason))]
    Io {
        /// The source's name.
        file: String,
        /// The operating system's words.
        reason: std::io::Error,
    },
    /// A pipe that nobody writes, or whose writer does not end.
    #[error("`{file}` did not end within {}", limit::shown(*limit))]
    Endless {
        /// The source's name.
        file: String,
        /// How long it was read.
        limit: Duration,
    },
    /// More than 64 MiB.
    #[error("`{file}` is larger than 64 MiB")]
    TooLarge {
        /// The source's name.
        file: String,
    },
    /// UTF-16 text.
    #[error("`{file}` is UTF-16 text")]
    Utf16 {
        /// The source's name.
        file: String,
    },
    /// Bytes that are no UTF-8.
    #[error("`{file}` is not UTF-8 text: line {line}, byte {byte} of the file")]
    NotUtf8 {
        /// The source's name.
        file: String,
        /// Counted from 1.
        line: usize,
        /// Counted from 0.
        byte: usize,
    },
    /// Nothing, or blanks only.
    #[error("`{file}` is empty")]
    Empty {
        /// The source's name.
        file: String,
    },
    /// Neither its name nor its beginning tells the format.
    #[error("the format of `{file}` is not recognised")]
    UnknownFormat {
        /// The source's name.
        file: String,
    },
    /// Not of the format that its name promises.
    #[error("`{file}` is not {format}: {error}")]
    Syntax {
        /// The source's name.
        file: String,
        /// `JSON` or `YAML`.
        format: &'static str,
        /// Where and why.
        #[source]
        error: SyntaxError,
    },
    /// Readable, but no definitions.
    #[error("`{file}` holds {found} instead of connections")]
    Shape {
        /// The source's name.
        file: String,
        /// The kind of value, as `a number`.
        found: &'static str,
    },
    /// A file of another program.
    #[error("`{file}` is {what}, not a file of connections")]
    Foreign {
        /// The source's name.
        file: String,
        /// What it is, with its article.
        what: &'static str,
        /// One sentence on how to get at connections.
        hint: &'static str,
    },
    /// Readable, but nothing in it looks like a definition.
    #[error("`{file}` holds no connection: none of its entries has a type, a host or a URI")]
    NoConnection {
        /// The source's name.
        file: String,
    },
    /// A server that holds definitions, and could not be asked for them: what a probe of it would say.
    #[error("`{name}` cannot be read: {}", said(failure))]
    Server {
        /// The source's name.
        name: String,
        /// In which phase it stopped, and why.
        failure: Box<Failure>,
    },
    /// What holds definitions is there, but cannot be used as it is.
    #[error("`{name}` cannot be read: {message}")]
    Unusable {
        /// The source's name.
        name: String,
        /// A lower-case fragment.
        message: String,
        /// One sentence on what to do.
        hint: String,
    },
    /// More definitions than one run takes.
    #[error("`{file}` holds more than 100000 definitions")]
    TooMany {
        /// The source's name.
        file: String,
    },
}

fn said(failure: &Failure) -> String {
    let phase = failure.phase.map(|phase| format!(" in phase {}", phase.as_str())).unwrap_or_default();
    format!("{} ({}{phase})", failure.message, failure.class.as_str())
}

impl SourceError {
    /// The same without `value`, which must not be told.
    pub(super) fn without(mut self, value: &str) -> Self {
        let texts: Vec<&mut String> = match &mut self {
            Self::Server { failure, .. } => {
                let Failure { message, hint, detail, .. } = &mut **failure;
                std::iter::once(message).chain(hint).chain(detail).collect()
            }
            Self::Unusable { message, hint, .. } => vec![message, hint],
            _ => Vec::new(),
        };
        for text in texts.into_iter().filter(|text| !value.is_empty() && text.contains(value)) {
            *text = text.replace(value, HIDDEN);
        }
        self
    }

    pub(super) fn foreign(file: &str, foreign: Foreign) -> Self {
        let Foreign { what, hint } = foreign;
        Self::Foreign { file: file.to_owned(), what, hint }
    }

    /// The stable word for it.
    #[must_use]
    pub fn reason(&self) -> ReasonCode {
        match self {
            Self::Missing { .. } => ReasonCode::SourceMissing,
            Self::Denied { .. } => ReasonCode::SourceDenied,
            Self::Io { .. } => ReasonCode::SourceUnreadable,
            Self::Endless { .. } => ReasonCode::SourceTimeout,
            Self::TooMany { .. } => ReasonCode::TooManyEntries,
            Self::Server { failure, .. } => failure.reason,
            Self::Nameless { .. } | Self::PasswordInArgument | Self::Directory { .. } | Self::Unusable { .. } => {
                ReasonCode::SourceUnusable
            }
            Self::TooLarge { .. }
            | Self::Utf16 { .. }
            | Self::NotUtf8 { .. }
            | Self::Empty { .. }
            | Self::UnknownFormat { .. }
            | Self::Syntax { .. }
            | Self::Shape { .. }
            | Self::Foreign { .. }
            | Self::NoConnection { .. } => ReasonCode::SourceMalformed,
        }
    }

    /// As a failure: what a server of the source said is kept as it is, phase, code and detail included.
    #[must_use]
    pub fn failure(&self) -> Failure {
        if let Self::Server { failure, .. } = self {
            return Failure::clone(failure);
        }
        let words = Words::new(self.reason(), self.to_string());
        Failure::of(match self.hint() {
            Some(hint) => words.hint(hint),
            None => words,
        })
    }

    /// One sentence on what to do, where there is something to say.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Nameless { .. } => {
                "name a file of connections, - for standard input, or another place as `connprobe check --help` lists them"
            }
            Self::PasswordInArgument => {
                "everybody on this machine can see arguments: change the password if others work here, and put connections into a file"
            }
            Self::Missing { .. } | Self::Io { .. } => "check the name, and the directory that it starts from",
            Self::Denied { .. } => "run as a user who may read it",
            Self::Directory { .. } => "name a file in it",
            Self::Endless { .. } => {
                "a pipe that nobody writes or closes, or a file system that hangs; --timeout is how long it is waited for"
            }
            Self::TooLarge { .. } | Self::TooMany { .. } => "check that it is the right file, or split it",
            Self::Utf16 { .. } | Self::NotUtf8 { .. } => "save it as UTF-8",
            Self::Empty { .. } => "check that what should have written it worked",
            Self::UnknownFormat { .. } => "name the format, as in `json:FILE`",
            Self::Server { failure, .. } => return failure.hint.clone(),
            Self::Unusable { hint, .. } => hint,
            Self::Syntax { error, .. } => return error.hint.map(str::to_owned),
            Self::Foreign { hint, .. } => hint,
            Self::NoConnection { .. } | Self::Shape { .. } => {
                "expected an object of conn_id and definition, or a list of definitions"
            }
        };
        Some(hint.to_owned())
    }
}
