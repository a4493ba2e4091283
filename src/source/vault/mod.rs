//! `vault:MOUNT/PATH`: every connection below a path of a KV secrets engine, of version 1 or 2. The
//! server and the token are those that Vault's own variables name.

#[cfg(any(fuzzing, test))]
pub(super) mod fuzzing;
mod kv;
mod refusal;
mod server;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use self::kv::Engine;
use self::server::{Address, Vault};
use super::backend::{self, AT_ONCE};
use super::error::SourceError;
use super::settings::Settings;
use crate::driver::Attempt;
use crate::model::connection::Connection;
use crate::model::failure::Failure;

/// Reads every secret below `path`, folders included.
pub(super) fn load(path: &str, name: &str, settings: &Settings) -> Result<Vec<Connection>, SourceError> {
    let address = Address::read(&settings.environment, name)?;
    backend::run(name, settings, async |attempt| read(address, path, name, attempt).await)
}

async fn read(address: Address, path: &str, source: &str, attempt: Attempt) -> Result<Vec<Connection>, Failure> {
    let vault = Vault::new(address, attempt);
    let engine = Engine::find(&vault, path.trim_matches('/')).await?;
    let secrets = engine.list().await?;
    let given: Vec<Option<Connection>> =
        stream::iter(&secrets).map(|secret| engine.connection(secret, source)).buffered(AT_ONCE).try_collect().await?;
    let connections: Vec<Connection> = given.into_iter().flatten().collect();
    if connections.is_empty() { Err(engine.nothing()) } else { Ok(connections) }
}
