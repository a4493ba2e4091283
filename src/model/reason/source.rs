//! Failures of sources of definitions, and their messages and hints. File names are quoted, never the content of a
//! file.

use std::time::Duration;

use super::{ReasonCode as Code, Unusable, Words};
use crate::model::document::SyntaxError;
use crate::model::limit;

/// Why a source returned no definitions.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// The SOURCE argument names nothing.
    Nameless {
        /// The argument.
        word: String,
    },
    /// The argument is a URL with a password; it is not quoted.
    PasswordInArgument,
    /// The file does not exist.
    Missing {
        /// The source's name.
        file: String,
    },
    /// The file's permissions forbid reading it.
    Denied {
        /// The source's name.
        file: String,
    },
    /// The source is a directory.
    Directory {
        /// The source's name.
        file: String,
    },
    /// Any other error of the operating system.
    Io {
        /// The source's name.
        file: String,
        /// The operating system's reason, in plain words.
        why: String,
    },
    /// The source is a pipe without a writer, or one whose writer does not end.
    Endless {
        /// The source's name.
        file: String,
        /// How long connprobe waited.
        limit: Duration,
    },
    /// A signal arrived while the source was read.
    Interrupted {
        /// The source's name.
        file: String,
    },
    /// The source is larger than 64 MiB.
    TooLarge {
        /// The source's name.
        file: String,
    },
    /// The source is UTF-16 text.
    Utf16 {
        /// The source's name.
        file: String,
    },
    /// The source is not valid UTF-8.
    NotUtf8 {
        /// The source's name.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// The byte offset, counted from 0.
        byte: usize,
    },
    /// The source is empty or blank.
    Empty {
        /// The source's name.
        file: String,
    },
    /// Neither the file's name nor its beginning reveals the format.
    UnknownFormat {
        /// The source's name.
        file: String,
    },
    /// The content does not have the format that the name indicates.
    Syntax {
        /// The source's name.
        file: String,
        /// `JSON` or `YAML`.
        format: &'static str,
        /// The position and the reason.
        error: SyntaxError,
    },
    /// The content can be parsed, but has no definitions.
    Shape {
        /// The source's name.
        file: String,
        /// The kind of value, such as `a number`.
        found: &'static str,
    },
    /// The file belongs to another program.
    Foreign {
        /// The source's name.
        file: String,
        /// What the file is, with the article.
        what: &'static str,
        /// One sentence on how to obtain connections.
        hint: &'static str,
    },
    /// The content can be parsed, but nothing in it resembles a definition.
    NoConnection {
        /// The source's name.
        file: String,
    },
    /// There are more definitions than one run accepts.
    TooMany {
        /// The source's name.
        file: String,
        /// The maximum number.
        most: usize,
    },
    /// The source exists, but cannot be used.
    Unusable {
        /// The source's name.
        name: String,
        /// The reason.
        why: Box<Unusable>,
    },
    /// The user of a metadata database may not read its table.
    TableDenied {
        /// The user.
        login: String,
    },
    /// A backend returned more than connprobe reads.
    AnswersTooLarge {
        /// The limit in MiB.
        mib: usize,
    },
}

impl Source {
    /// The source `name` cannot be used.
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
                Words::new(Code::SourceUnusable, "a source or store that the command line names holds a password").hint(
                    "everybody on this machine can see arguments: change the password if others work here, and put connections into a file",
                )
            }
            Self::Missing { file } => Words::new(Code::SourceMissing, format!("`{file}` does not exist")).hint(
                if is_like_server(file) {
                    "a source is a file of connections, or another place as `connprobe check --help` lists them; servers are named in it"
                } else {
                    "check the name, and the directory that it starts from"
                },
            ),
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
                .hint("name the format, as in `json:FILE`, `yaml:-` or `env-file:-`; a single URI is given as `{\"uri\": \"…\"}`"),
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

/// Whether `name` is a host and port, or a number, rather than the name of a file.
fn is_like_server(name: &str) -> bool {
    let last = name.rsplit(':').next().unwrap_or_default();
    !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit())
}
