//! Reads the table `connection` of a metadata database, whichever of the three kinds it is in.
//!
//! One transaction that can only read, over before anything is probed. Servers are asked by the same
//! drivers over the same guarded wire as a probe, so that what goes wrong has the same words.

mod aside;
mod mysql;
mod postgres;
mod reading;
mod server;
mod sqlite;
mod table;
mod url;

use self::table::Name;
use self::url::Place;
use super::row::Row;
use crate::model::failure::Failure;
use crate::model::reason::Source;
use crate::model::secret::Secret;
use crate::source::error::SourceError;
use crate::source::settings::Settings;

/// Why there are no rows.
#[derive(Debug)]
enum Trouble {
    /// The server could not be asked.
    Failure(Box<Failure>),
    /// What is there cannot be used.
    Unusable { message: String, hint: String },
    /// More rows than one run takes.
    TooMany,
}

impl Trouble {
    fn unusable(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Unusable { message: message.into(), hint: hint.into() }
    }

    fn of(self, name: &str) -> SourceError {
        let name = name.to_owned();
        match self {
            Self::Failure(failure) => SourceError::Server { name, failure },
            Self::Unusable { message, hint } => SourceError::Own(Source::Unusable { name, message, hint }),
            Self::TooMany => SourceError::Own(Source::TooMany { file: name, most: table::ROWS }),
        }
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failure(Box::new(failure))
    }
}

/// What the database of `url` is called whatever its host: its scheme and its name, or that of its file.
pub(super) fn label(url: &str) -> Option<String> {
    url::label(url)
}

/// Every row, in the order of ids. `url` is as SQLAlchemy spells it, `name` is for errors.
/// `schema` is where the table is, unless the URL's own is meant.
pub(super) fn read(
    url: &Secret,
    schema: Option<&str>,
    name: &str,
    settings: &Settings,
) -> Result<Vec<Row>, SourceError> {
    let table = Name::new(schema);
    let rows = match url::parse(url.expose(), name) {
        Ok(Place::Server(kind, connection)) => server::read(kind, connection, table, settings),
        Ok(Place::File(path)) => sqlite::read(path, table, settings.limit),
        Err(trouble) => Err(trouble),
    };
    rows.map_err(|trouble| trouble.of(name))
}
