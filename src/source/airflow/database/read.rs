//! One reading of the table, from wherever a URL says that it is.

use super::table::Name;
use super::url::{self, Place};
use super::{server, sqlite};
use crate::model::secret::Secret;
use crate::source::airflow::row::Row;
use crate::source::error::SourceError;
use crate::source::settings::Settings;

/// What the database of `url` is called whatever its host: its scheme and its name, or that of its file.
pub(in crate::source::airflow) fn label(url: &str) -> Option<String> {
    url::label(url)
}

/// Every row, in the order of ids. `url` is as SQLAlchemy spells it, `name` is for errors.
/// `schema` is where the table is, unless the URL's own is meant.
pub(in crate::source::airflow) fn read(
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
