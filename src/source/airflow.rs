//! Connections in Airflow's metadata database.

use super::error::SourceError;
use super::settings::Settings;
use crate::model::connection::Connection;

pub(super) fn load(_name: &str, _settings: &Settings) -> Result<Vec<Connection>, SourceError> {
    Err(SourceError::Unsupported { what: "a source `airflow:`".to_owned() })
}

pub(super) fn load_from(
    _url: &super::spec::DatabaseUrl,
    _name: &str,
    _settings: &Settings,
) -> Result<Vec<Connection>, SourceError> {
    Err(SourceError::Unsupported { what: "a URL".to_owned() })
}
