//! `aws-sm:PREFIX` and `aws-ssm:PREFIX`: connections in AWS Secrets Manager and in the Parameter
//! Store, with Airflow's names and shapes. Keys and region are those that AWS's own variables name;
//! no profile and no metadata service is asked.

mod account;
mod call;
#[cfg(any(fuzzing, test))]
pub(super) mod fuzzing;
mod naming;
mod parameter_store;
mod refusal;
mod secrets_manager;
mod shape;

use self::account::{Account, PARAMETER_STORE, SECRETS_MANAGER};
use self::call::Caller;
pub(super) use self::refusal::is_known;
use super::backend::{self, SECRETS};
use super::error::SourceError;
use super::settings::Settings;
use crate::model::connection::Connection;
use crate::model::document::Value;
use crate::model::failure::Failure;
use crate::model::reason::Aws;

/// Reads every secret below `prefix`.
pub(super) fn load_secrets(prefix: &str, name: &str, settings: &Settings) -> Result<Vec<Connection>, SourceError> {
    let account = Account::read(&SECRETS_MANAGER, &settings.environment, name)?;
    backend::run(name, settings, async |attempt| {
        secrets_manager::read(&Caller::new(&SECRETS_MANAGER, account, attempt), prefix, name).await
    })
}

/// Reads every parameter below `prefix`.
pub(super) fn load_parameters(prefix: &str, name: &str, settings: &Settings) -> Result<Vec<Connection>, SourceError> {
    let account = Account::read(&PARAMETER_STORE, &settings.environment, name)?;
    backend::run(name, settings, async |attempt| {
        parameter_store::read(&Caller::new(&PARAMETER_STORE, account, attempt), prefix, name).await
    })
}

/// Where the next page begins, if there is one.
fn next_token(page: Option<&Value<'_>>) -> Option<String> {
    page?.get("NextToken")?.scalar().filter(|token| !token.is_empty()).map(str::to_owned)
}

fn nothing(prefix: &str, source: &str) -> Failure {
    Failure::of(Aws::Nothing { prefix: prefix.to_owned(), source: source.to_owned() })
}

fn too_many() -> Failure {
    Failure::of(Aws::TooMany { most: SECRETS })
}
