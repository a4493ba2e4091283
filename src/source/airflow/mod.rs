//! Connections in Airflow's metadata database: of the Airflow found in the environment, or of a
//! database named by its URL.

mod database;
mod row;

use super::error::SourceError;
use super::settings::Settings;
use super::spec::DatabaseUrl;
use crate::model::connection::Connection;

pub(super) fn load(_name: &str, _settings: &Settings) -> Result<Vec<Connection>, SourceError> {
    Err(SourceError::Unsupported { what: "a source `airflow:`".to_owned() })
}

pub(super) fn load_from(_url: &DatabaseUrl, _name: &str, _settings: &Settings) -> Result<Vec<Connection>, SourceError> {
    Err(SourceError::Unsupported { what: "a URL".to_owned() })
}
