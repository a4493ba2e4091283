//! `Trouble`: why there are no rows.

use super::table;
use crate::model::failure::Failure;
use crate::model::reason::unusable::Metadata;
use crate::model::reason::{Source, Unusable};
use crate::source::error::SourceError;

/// Why there are no rows.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The server could not be asked.
    Failure(Box<Failure>),
    /// What is there cannot be used.
    Unusable(Unusable),
    /// More rows than one run takes.
    TooMany,
}

impl Trouble {
    /// The same of the source called `name`.
    pub(super) fn of(self, name: &str) -> SourceError {
        match self {
            Self::Failure(failure) => SourceError::Server { name: name.to_owned(), failure },
            Self::Unusable(why) => SourceError::unusable(name, why),
            Self::TooMany => SourceError::Own(Source::TooMany { file: name.to_owned(), most: table::ROWS }),
        }
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failure(Box::new(failure))
    }
}

impl From<Metadata> for Trouble {
    fn from(why: Metadata) -> Self {
        Self::Unusable(why.into())
    }
}
