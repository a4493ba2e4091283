//! Connections in AWS Secrets Manager and Parameter Store.

use super::error::SourceError;
use super::settings::Settings;
use crate::model::connection::Connection;

pub(super) fn load_secrets(_prefix: &str, _name: &str, _settings: &Settings) -> Result<Vec<Connection>, SourceError> {
    Err(SourceError::Unsupported { what: "a source `aws-sm:`".to_owned() })
}

pub(super) fn load_parameters(
    _prefix: &str,
    _name: &str,
    _settings: &Settings,
) -> Result<Vec<Connection>, SourceError> {
    Err(SourceError::Unsupported { what: "a source `aws-ssm:`".to_owned() })
}
