//! The substitute for Airflow's metadata database as a source, in a build without the feature `airflow`.

use std::path::PathBuf;

use super::loading::Waiter;
use super::spec::DatabaseUrl;
use super::{Settings, SourceError};
use crate::model::connection::Connection;
use crate::model::reason::Unusable;

/// Does nothing, because no command of an `airflow.cfg` ever runs.
pub fn end_commands() {}

pub(super) fn files(_settings: &Settings) -> Vec<PathBuf> {
    Vec::new()
}

pub(super) fn label(_url: &DatabaseUrl, _settings: &Settings) -> Option<String> {
    None
}

pub(super) fn load(name: &str, _settings: &Settings, _waiter: &Waiter) -> Result<Vec<Connection>, SourceError> {
    Err(SourceError::unusable(name, Unusable::NotBuiltIn { feature: "airflow" }))
}

pub(super) fn load_from(
    _url: &DatabaseUrl,
    name: &str,
    settings: &Settings,
    waiter: &Waiter,
) -> Result<Vec<Connection>, SourceError> {
    load(name, settings, waiter)
}
