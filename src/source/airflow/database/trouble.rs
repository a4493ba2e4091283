//! `Trouble`: why the table could not be read.

use super::table;
use crate::model::failure::Failure;
use crate::model::reason::unusable::Metadata;
use crate::model::reason::{Source, Unusable};
use crate::source::error::SourceError;

/// Why the table could not be read.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The dialogue with the server failed.
    Failure(Box<Failure>),
    /// The database or the table cannot be used.
    Unusable(Unusable),
    /// The table has more rows than one run reads.
    TooMany,
}

impl Trouble {
    /// The error of the source called `name`.
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
