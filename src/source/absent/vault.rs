//! The substitute for Vault as a source, in a build without the feature `vault`.

use super::loading::Waiter;
use super::{Settings, SourceError};
use crate::model::connection::Connection;
use crate::model::reason::Unusable;

pub(super) fn load(
    _path: &str,
    name: &str,
    _settings: &Settings,
    _waiter: &Waiter,
) -> Result<Vec<Connection>, SourceError> {
    Err(SourceError::unusable(name, Unusable::NotBuiltIn { feature: "vault" }))
}
