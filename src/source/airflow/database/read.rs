//! Reads the table from the place that a URL names.

use super::table::Name;
use super::url::{self, Place};
use super::{server, sqlite};
use crate::model::secret::Secret;
use crate::source::airflow::row::Row;
use crate::source::error::SourceError;
use crate::source::loading::Waiter;
use crate::source::settings::Settings;

/// The label of the database of `url`, which does not depend on the host: its scheme and its name, or the name of its file.
pub(in crate::source::airflow) fn label(url: &str) -> Option<String> {
    url::label(url)
}

/// Returns every row, ordered by id. `url` is in SQLAlchemy's spelling, `name` is for errors, and `schema` is the schema of
/// the table, unless it is that of the URL.
pub(in crate::source::airflow) fn read(
    url: &Secret,
    schema: Option<&str>,
    name: &str,
    settings: &Settings,
    waiter: &Waiter,
) -> Result<Vec<Row>, SourceError> {
    let table = Name::new(schema);
    let rows = match url::parse(url.expose(), name) {
        Ok(Place::Server(kind, connection)) => server::read(kind, connection, table, settings, waiter),
        Ok(Place::File(path)) => sqlite::read(path, table, settings.limit, waiter),
        Err(trouble) => Err(trouble),
    };
    rows.map_err(|trouble| trouble.of(name))
}
