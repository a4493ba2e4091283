//! Sources of definitions: why one gives none at all, and the words for it. Names of files are quoted, never what is
//! in them.

use std::time::Duration;

use super::{ReasonCode as Code, Unusable, Words};
use crate::model::document::SyntaxError;
use crate::model::limit;

/// Why a source gives no definitions.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// A SOURCE that names nothing.
    Nameless {
        /// The argument.
        word: String,
    },
    /// A URL with a password as an argument; it is not quoted.
    PasswordInArgument,
    /// No such file.
    Missing {
        /// The source's name.
        file: String,
    },
    /// The file's permissions.
    Denied {
        /// The source's name.
        file: String,
    },
    /// A directory.
    Directory {
        /// The source's name.
        file: String,
    },
    /// Any other refusal of the operating system.
    Io {
        /// The source's name.
        file: String,
        /// The operating system's, in plain words.
        why: String,
    },
    /// A pipe that nobody writes, or whose writer does not end.
    Endless {
        /// The source's name.
        file: String,
        /// How long it was read.
        limit: Duration,
    },
    /// A signal came while it was read.
    Interrupted {
        /// The source's name.
        file: String,
    },
    /// More than 64 MiB.
    TooLarge {
        /// The source's name.
        file: String,
    },
    /// UTF-16 text.
    Utf16 {
        /// The source's name.
        file: String,
    },
    /// Bytes that are no UTF-8.
    NotUtf8 {
        /// The source's name.
        file: String,
        /// Counted from 1.
        line: usize,
        /// Counted from 0.
        byte: usize,
    },
    /// Nothing, or blanks only.
    Empty {
        /// The source's name.
        file: String,
    },
    /// Neither its name nor its beginning tells the format.
    UnknownFormat {
        /// The source's name.
        file: String,
    },
    /// Not of the format that its name promises.
    Syntax {
        /// The source's name.
        file: String,
        /// `JSON` or `YAML`.
        format: &'static str,
        /// Where and why.
        error: SyntaxError,
    },
    /// Readable, but no definitions.
    Shape {
        /// The source's name.
        file: String,
        /// The kind of value, as `a number`.
        found: &'static str,
    },
    /// A file of another program.
    Foreign {
        /// The source's name.
        file: String,
        /// What it is, with its article.
        what: &'static str,
        /// One sentence on how to get at connections.
        hint: &'static str,
    },
    /// Readable, but nothing in it looks like a definition.
    NoConnection {
        /// The source's name.
        file: String,
    },
    /// More definitions than one run takes.
    TooMany {
        /// The source's name.
        file: String,
        /// The most.
        most: usize,
    },
    /// What holds definitions is there, but cannot be used as it is.
    Unusable {
        /// The source's name.
        name: String,
        /// What is wrong with it.
        why: Box<Unusable>,
    },
    /// The user of a metadata database may not read its table.
    TableDenied {
        /// The user.
        login: String,
    },
    /// A backend gives more than is read.
    AnswersTooLarge {
        /// The limit in MiB.
        mib: usize,
    },
}

impl Source {
    /// The source called `name` cannot be used.
    #[must_use]
    pub fn unusable(name: &str, why: impl Into<Unusable>) -> Self {
        Self::Unusable { name: name.to_owned(), why: Box::new(why.into()) }
    }

    pub(super) fn words(&self) -> Words {
        match self {
            Self::Nameless { word } => {
                Words::new(Code::SourceUnusable, format!("`{word}` is not a source")).hint(
                    "name a file of connections, - for standard input, or another place as `connprobe check --help` lists them",
                )
            }
            Self::PasswordInArgument => {
                Words::new(Code::SourceUnusable, "a SOURCE on the command line holds a password").hint(
                    "everybody on this machine can see arguments: change the password if others work here, and put connections into a file",
                )
            }
            Self::Missing { file } => Words::new(Code::SourceMissing, format!("`{file}` does not exist"))
                .hint("check the name, and the directory that it starts from"),
            Self::Denied { file } => {
                Words::new(Code::SourceDenied, format!("`{file}` may not be read: permission denied"))
                    .hint("run as a user who may read it")
            }
            Self::Directory { file } => {
                Words::new(Code::SourceUnusable, format!("`{file}` is a directory")).hint("name a file in it")
            }
            Self::Io { file, why } => Words::new(Code::SourceUnreadable, format!("`{file}` cannot be read: {why}"))
                .hint("check the name, and the directory that it starts from"),
            Self::Endless { file, limit } => {
                let limit = limit::shown(*limit);
                Words::new(Code::SourceTimeout, format!("`{file}` did not end within {limit}")).hint(
                    "a pipe that nobody writes or closes, or a file system that hangs; --timeout is how long it is waited for",
                )
            }
            Self::Interrupted { file } => {
                Words::new(Code::Interrupted, format!("the run was interrupted before `{file}` was read"))
                    .hint("nothing is known of its definitions: run the command again")
            }
            Self::TooLarge { file } => malformed(format!("`{file}` is larger than 64 MiB")).hint(SPLIT),
            Self::Utf16 { file } => malformed(format!("`{file}` is UTF-16 text")).hint(SAVE),
            Self::NotUtf8 { file, line, byte } => {
                malformed(format!("`{file}` is not UTF-8 text: line {line}, byte {byte} of the file")).hint(SAVE)
            }
            Self::Empty { file } => {
                malformed(format!("`{file}` is empty")).hint("check that what should have written it worked")
            }
            Self::UnknownFormat { file } => malformed(format!("the format of `{file}` is not recognised"))
                .hint("name the format, as in `json:FILE`"),
            Self::Syntax { file, format, error } => {
                let words = malformed(format!("`{file}` is not {format}: {error}"));
                match error.hint {
                    Some(hint) => words.hint(hint),
                    None => words,
                }
            }
            Self::Shape { file, found } => {
                malformed(format!("`{file}` holds {found} instead of connections")).hint(EXPECTED)
            }
            Self::Foreign { file, what, hint } => {
                malformed(format!("`{file}` is {what}, not a file of connections")).hint(*hint)
            }
            Self::NoConnection { file } => malformed(format!(
                "`{file}` holds no connection: none of its entries has a type, a host or a URI"
            ))
            .hint(EXPECTED),
            Self::TooMany { file, most } => {
                Words::new(Code::TooManyEntries, format!("`{file}` holds more than {most} definitions"))
                    .hint(SPLIT)
            }
            Self::Unusable { name, why } => {
                let (message, hint) = why.said();
                let words = Words::new(Code::SourceUnusable, format!("`{name}` cannot be read: {message}"));
                match hint {
                    Some(hint) => words.hint(hint),
                    None => words,
                }
            }
            Self::TableDenied { login } => Words::new(
                Code::PrivilegeMissing,
                format!("user `{login}` is not permitted to read the table `connection`"),
            )
            .hint("grant it SELECT on the table; nothing else is needed"),
            Self::AnswersTooLarge { mib } => {
                Words::new(Code::TooMuchData, format!("the answers hold more than {mib} MiB"))
                    .hint("name a narrower path, or check that the right service answers there")
            }
        }
    }
}

const SPLIT: &str = "check that it is the right file, or split it";
const SAVE: &str = "save it as UTF-8";
const EXPECTED: &str = "expected an object of conn_id and definition, or a list of definitions";

fn malformed(message: String) -> Words {
    Words::new(Code::SourceMalformed, message)
}
