//! Loads every secret below a path.

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::kv::Engine;
use super::server::{Address, Vault};
use crate::driver::Attempt;
use crate::model::connection::Connection;
use crate::model::failure::Failure;
use crate::source::backend::{self, AT_ONCE};
use crate::source::error::SourceError;
use crate::source::loading::Waiter;
use crate::source::settings::Settings;

/// Reads every secret below `path`, including those in its folders.
pub(in crate::source) fn load(
    path: &str,
    name: &str,
    settings: &Settings,
    waiter: &Waiter,
) -> Result<Vec<Connection>, SourceError> {
    let address = Address::read(&settings.environment, name)?;
    settings.sent.add([address.token()], &[]);
    let origin = address.origin().clone();
    backend::run(name, settings, waiter, &origin, async |attempt| read(address, path, name, attempt).await)
}

pub(super) async fn read(
    address: Address,
    path: &str,
    source: &str,
    attempt: Attempt,
) -> Result<Vec<Connection>, Failure> {
    let vault = Vault::new(address, attempt);
    let engine = Engine::find(&vault, path.trim_matches('/')).await?;
    let secrets = engine.list().await?;
    let given: Vec<Option<Connection>> =
        stream::iter(&secrets).map(|secret| engine.connection(secret, source)).buffered(AT_ONCE).try_collect().await?;
    let connections: Vec<Connection> = given.into_iter().flatten().collect();
    if connections.is_empty() { Err(engine.nothing()) } else { Ok(connections) }
}
