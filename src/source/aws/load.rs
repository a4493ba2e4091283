//! Loads every secret below a prefix, and every parameter below a path.

use super::account::{Account, PARAMETER_STORE, SECRETS_MANAGER};
use super::call::Caller;
use super::{parameter_store, secrets_manager};
use crate::model::connection::Connection;
use crate::source::backend;
use crate::source::error::SourceError;
use crate::source::loading::Waiter;
use crate::source::settings::Settings;

/// Reads every secret below `prefix`.
pub(in crate::source) fn load_secrets(
    prefix: &str,
    name: &str,
    settings: &Settings,
    waiter: &Waiter,
) -> Result<Vec<Connection>, SourceError> {
    let account = Account::read(&SECRETS_MANAGER, &settings.environment, name)?;
    settings.sent.add(account.secrets(), &[]);
    let origin = account.origin.clone();
    backend::run(name, settings, waiter, &origin, async |attempt| {
        secrets_manager::read(&Caller::new(&SECRETS_MANAGER, account, attempt), prefix, name).await
    })
}

/// Reads every parameter below `prefix`.
pub(in crate::source) fn load_parameters(
    prefix: &str,
    name: &str,
    settings: &Settings,
    waiter: &Waiter,
) -> Result<Vec<Connection>, SourceError> {
    let account = Account::read(&PARAMETER_STORE, &settings.environment, name)?;
    settings.sent.add(account.secrets(), &[]);
    let origin = account.origin.clone();
    backend::run(name, settings, waiter, &origin, async |attempt| {
        parameter_store::read(&Caller::new(&PARAMETER_STORE, account, attempt), prefix, name).await
    })
}
