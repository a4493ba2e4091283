//! Where the metadata database is, which keys it needs, and its rows as connections.

use std::path::{Path, PathBuf};

use super::configuration::Configuration;
use super::connection::{connection_of, needs_key};
use super::keyring::Keyring;
use super::{database, row::Row};
use crate::model::connection::Connection;
use crate::model::plain::shown_name;
use crate::model::reason::unusable::Metadata;
use crate::model::redact::escape_control;
use crate::model::secret::Secret;
use crate::source::error::SourceError;
use crate::source::files::of_url;
use crate::source::loading::Waiter;
use crate::source::read::read;
use crate::source::settings::Settings;
use crate::source::spec::{DatabaseUrl, Input};

/// Loads what the Airflow found in the environment has stored.
pub(in crate::source) fn load(
    name: &str,
    settings: &Settings,
    waiter: &Waiter,
) -> Result<Vec<Connection>, SourceError> {
    let configuration = Configuration::of(name, settings)?;
    let url = configuration.database_url()?;
    let schema = configuration.schema()?;
    let loaded = load_rows(&url, schema.as_deref(), &configuration, name, settings, waiter);
    loaded.map_err(|error| configuration.conceal(error))
}

/// The files of the Airflow found in the environment: its configuration, and its database where that is one.
pub(in crate::source) fn files(settings: &Settings) -> Vec<PathBuf> {
    let Ok(configuration) = Configuration::of("airflow", settings) else { return Vec::new() };
    let urls = ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__CORE__SQL_ALCHEMY_CONN"];
    let urls = urls.iter().filter_map(|name| settings.environment.get(name)).flat_map(of_url);
    configuration.files().into_iter().chain(urls).collect()
}

/// Loads what the database at a URL holds.
pub(in crate::source) fn load_from(
    url: &DatabaseUrl,
    name: &str,
    settings: &Settings,
    waiter: &Waiter,
) -> Result<Vec<Connection>, SourceError> {
    let url = match url {
        DatabaseUrl::Given(url) => Secret::new(url.clone()),
        DatabaseUrl::Variable(variable) => url_in_variable(variable, name, settings)?,
        DatabaseUrl::File(path) => url_in_file(path, settings)?,
    };
    load_rows(&url, None, &Configuration::of(name, settings)?, name, settings, waiter)
}

/// Scheme and database of `url`; of a file its name. `None` where there is no such URL.
pub(in crate::source) fn label(url: &DatabaseUrl, settings: &Settings) -> Option<String> {
    let url = match url {
        DatabaseUrl::Given(url) => Secret::new(url.clone()),
        DatabaseUrl::Variable(variable) => url_in_variable(variable, "", settings).ok()?,
        DatabaseUrl::File(path) => url_in_file(path, settings).ok()?,
    };
    database::label(url.expose())
}

fn url_in_variable(variable: &str, name: &str, settings: &Settings) -> Result<Secret, SourceError> {
    let value = settings.environment.get(variable).map(str::trim).filter(|value| !value.is_empty());
    value
        .map(|value| Secret::new(value.to_owned()))
        .ok_or_else(|| SourceError::unusable(name, Metadata::VariableUnset { variable: escape_control(variable) }))
}

fn url_in_file(path: &Path, settings: &Settings) -> Result<Secret, SourceError> {
    let text = read(&Input::File(path.to_owned()), &shown_name(&path.to_string_lossy()), settings.limit)?;
    // There is one: a file of blanks is an error of its own.
    let url = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    Ok(Secret::new(url.to_owned()))
}

/// `schema` is where the table is, unless the URL's own is meant.
fn load_rows(
    url: &Secret,
    schema: Option<&str>,
    configuration: &Configuration<'_>,
    name: &str,
    settings: &Settings,
    waiter: &Waiter,
) -> Result<Vec<Connection>, SourceError> {
    let rows = database::read(url, schema, name, settings, waiter)?;
    if rows.is_empty() {
        return Err(SourceError::unusable(name, Metadata::NoRows));
    }
    connections(rows, configuration, name, settings)
}

/// The keys are looked for only where a row needs them, so that nobody needs them for plain text.
fn connections(
    rows: Vec<Row>,
    configuration: &Configuration<'_>,
    name: &str,
    settings: &Settings,
) -> Result<Vec<Connection>, SourceError> {
    let keyring = match &settings.fernet_key_file {
        Some(path) => Keyring::of_file(path, name, settings)?,
        None if rows.iter().any(needs_key) => Keyring::of_configuration(configuration, name)?,
        None => Keyring::default(),
    };
    Ok(rows.into_iter().map(|row| connection_of(row, &keyring, name)).collect())
}
