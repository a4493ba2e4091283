//! Sources that are expected to contain definitions, or a part of one, and do not; their messages and hints.

use std::fmt;

use super::unusable::Said;

/// What is wrong with the content.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Entries {
    /// No environment variable is a definition.
    NoVariable,
    /// An environment file contains no definition.
    NoLine {
        /// Lines that resemble a definition and are not read.
        unread: Vec<usize>,
        /// Why the first of them is not read.
        why: Option<UnreadLine>,
    },
    /// A password has several lines.
    PasswordLines,
    /// Reading panicked.
    Broken,
}

/// Why a line of an environment file that resembles a connection is not read as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnreadLine {
    /// Something precedes the name, as in systemd units.
    Before,
    /// The name is not that of an Airflow variable, while other lines have such names.
    OtherName,
    /// Nothing follows the `=`.
    NoValue,
    /// It is not an assignment.
    NoAssignment,
}

/// The maximum number of lines in a message.
const NAMED: usize = 5;

impl Entries {
    pub(super) fn said(&self) -> Said {
        match self {
            Self::NoVariable => Said::new(
                "no variable `AIRFLOW_CONN_…` is set",
                "check that the variables are exported to this process; a file of them is read with `env-file:FILE`",
            ),
            Self::NoLine { unread, why } => Said::new(
                format!("it holds no connection{}", why.map(|why| behind(unread, why)).unwrap_or_default()),
                "a connection is a line `CONN_ID=URI`, or `AIRFLOW_CONN_ID=URI` among other variables",
            ),
            Self::PasswordLines => Said::new(
                "a password is one line, and there are more",
                "check that it is the right file; what is more than a password belongs in --extra-file",
            ),
            Self::Broken => Said::new(
                "reading it broke",
                "this is a bug in connprobe: please report it with the kind of the source",
            ),
        }
    }
}

/// The numbers of the lines, to follow a message that nothing was read.
fn behind(lines: &[usize], why: UnreadLine) -> String {
    let numbers: Vec<String> = lines.iter().take(NAMED).map(ToString::to_string).collect();
    let more = if lines.len() > NAMED { " and more" } else { "" };
    let (noun, verb) = if lines.len() == 1 { ("line", "looks") } else { ("lines", "look") };
    format!(", though {noun} {}{more} {verb} like one: {why}", numbers.join(", "))
}

/// The reason as a lower-case fragment.
impl fmt::Display for UnreadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Before => "a line is `NAME=VALUE`, with nothing before the name",
            Self::OtherName => "its name does not begin with `AIRFLOW_CONN_`",
            Self::NoValue => "it gives no value",
            Self::NoAssignment => "it is no `NAME=VALUE`",
        })
    }
}
