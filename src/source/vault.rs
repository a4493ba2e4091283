//! Connections in Vault.

use super::error::SourceError;
use super::settings::Settings;
use crate::model::connection::Connection;

pub(super) fn load(_path: &str, _name: &str, _settings: &Settings) -> Result<Vec<Connection>, SourceError> {
    Err(SourceError::Unsupported { what: "a source `vault:`".to_owned() })
}
