//! Airflow's metadata database as a source of definitions, which this connprobe was built without.

use std::path::PathBuf;

use super::loading::Waiter;
use super::spec::DatabaseUrl;
use super::{Settings, SourceError};
use crate::model::connection::Connection;
use crate::model::reason::Unusable;

/// Ends nothing: no command of an `airflow.cfg` is ever run.
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
