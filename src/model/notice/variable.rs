//! Warnings about variables, and about lines that set them.

use super::Notice;
use crate::model::reason::unusable::UnreadLine;
use crate::model::warning::{Warning, WarningCode as Code};

/// What to warn about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VariableNotice {
    /// A name with lower-case letters.
    SmallLetters {
        /// The name in upper case.
        capitals: String,
    },
    /// A `$` before a name.
    Expanded,
    /// Syntax that Airflow's parser of such files does not support.
    Syntax {
        /// `export`.
        export: bool,
        /// Quotes.
        quotes: bool,
        /// Blanks.
        blanks: bool,
        /// A comment.
        comment: bool,
    },
    /// A line that resembles a connection and is not read.
    NotRead {
        /// The line, counted from 1.
        line: usize,
        /// Why it is not read.
        why: UnreadLine,
    },
    /// More such lines.
    MoreNotRead {
        /// Their number.
        count: usize,
    },
}

impl Notice for VariableNotice {
    fn warning(&self) -> Warning {
        match self {
            Self::SmallLetters { capitals } => Warning::new(
                Code::EnvCase,
                format!("Airflow looks for `{capitals}`, and never finds a name with small letters"),
            ),
            Self::Expanded => Warning::new(
                Code::EnvExpansion,
                "`$` before a name is replaced by shells and compose, and read here as it is written; single quotes prevent that",
            ),
            Self::Syntax { export, quotes, blanks, comment } => {
                let found = [
                    (*export, "`export`"),
                    (*quotes, "the quotes"),
                    (*blanks, "the blanks"),
                    (*comment, "the comment"),
                ];
                let found: Vec<&str> =
                    found.into_iter().filter(|(is_there, _)| *is_there).map(|(_, what)| what).collect();
                let odd = match found.split_last() {
                    Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
                    _ => found.concat(),
                };
                Warning::new(
                    Code::EnvSyntax,
                    format!("Airflow takes {odd} on this line for a part of name or definition"),
                )
            }
            Self::NotRead { line, why } => {
                Warning::new(Code::LineNotRead, format!("line {line} looks like a connection and is not read: {why}"))
            }
            Self::MoreNotRead { count } => {
                Warning::new(Code::LineNotRead, format!("{count} more lines look like connections and are not read"))
            }
        }
    }
}
