//! The substitute for AWS as a source, in a build without the feature `aws-source`.

use super::loading::Waiter;
use super::{Settings, SourceError};
use crate::model::connection::Connection;
use crate::model::reason::Unusable;

pub(super) fn load_secrets(
    _prefix: &str,
    name: &str,
    _settings: &Settings,
    _waiter: &Waiter,
) -> Result<Vec<Connection>, SourceError> {
    Err(SourceError::unusable(name, Unusable::NotBuiltIn { feature: "aws-source" }))
}

pub(super) use load_secrets as load_parameters;
