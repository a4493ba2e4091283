//! Loads the connections of a source, whatever its kind.

use std::path::Path;
use std::sync::Arc;

use super::error::SourceError;
use super::identity::{self, identify};
use super::loaded::{Found, Loaded};
use super::loading::{Waiter, load_beside};
use super::settings::Settings;
use super::spec::{Kind, SourceSpec};
use super::{airflow, aws, environment, hidden_names, store, text, vault};

/// Loads every connection of a source, within the limit of `settings`.
///
/// The source is read on a thread of its own, and the runtime of the caller drives the dialogues with servers. So any
/// number of sources can be loaded at once, and none holds a task of the caller. If this future is dropped, or at the
/// limit, the thread is abandoned: it ends by itself as soon as nothing holds it any more.
///
/// # Errors
///
/// Why the source as a whole cannot be read.
///
/// # Panics
///
/// If it is called outside of a tokio runtime, or in one without I/O and time.
pub async fn load(spec: &SourceSpec, settings: &Arc<Settings>) -> Result<Loaded, SourceError> {
    let own = spec.clone();
    load_beside(&spec.to_string(), settings, move |settings, waiter| read(&own, settings, waiter)).await
}

/// Reads the source on this thread.
fn read(spec: &SourceSpec, settings: &Settings, waiter: &Waiter) -> Result<Loaded, SourceError> {
    let name = spec.to_string();
    let found: Found = match &spec.kind {
        Kind::Text { input, format } => text::load(input, *format, &name, settings)?,
        Kind::Environment => environment::load(&name, settings)?.into(),
        Kind::Airflow => airflow::load(&name, settings, waiter)?.into(),
        Kind::Database(url) => airflow::load_from(url, &name, settings, waiter)?.into(),
        Kind::Vault { path } => vault::load(path, &name, settings, waiter)?.into(),
        Kind::SecretsManager { prefix } => aws::load_secrets(prefix, &name, settings, waiter)?.into(),
        Kind::ParameterStore { prefix } => aws::load_parameters(prefix, &name, settings, waiter)?.into(),
        Kind::Store => store::load(&name, settings, waiter)?.into(),
    };
    let mut loaded = found.of(name, identity::label(spec, settings));
    hidden_names::hide(&mut loaded.connections);
    identify(&mut loaded.connections, &loaded.label, spec.is_store());
    let file: Option<Arc<Path>> = spec.file().map(Into::into);
    for connection in &mut loaded.connections {
        connection.file.clone_from(&file);
    }
    Ok(loaded)
}
