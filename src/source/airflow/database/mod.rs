//! Reads the table `connection` of a metadata database, whichever of the three kinds it is in.

use super::row::Row;
use crate::model::secret::Secret;
use crate::source::error::SourceError;
use crate::source::settings::Settings;

/// Every row, in the order of ids. `url` is as SQLAlchemy spells it, `name` is for errors.
pub(super) fn read(_url: &Secret, _name: &str, _settings: &Settings) -> Result<Vec<Row>, SourceError> {
    Err(SourceError::Unsupported { what: "a URL".to_owned() })
}
