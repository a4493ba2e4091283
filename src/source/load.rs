//! A source → its connections, whatever its kind.

use super::error::SourceError;
use super::identity::{self, identify};
use super::loaded::{Found, Loaded};
use super::settings::Settings;
use super::spec::{Kind, SourceSpec};
use super::{airflow, aws, environment, hidden_names, store, text, vault};

/// Loads every connection of a source.
///
/// # Errors
///
/// Why the source as a whole cannot be read.
pub fn load(spec: &SourceSpec, settings: &Settings) -> Result<Loaded, SourceError> {
    let name = spec.to_string();
    let found: Found = match &spec.kind {
        Kind::Text { input, format } => text::load(input, *format, &name, settings)?,
        Kind::Environment => environment::load(&name, settings)?.into(),
        Kind::Airflow => airflow::load(&name, settings)?.into(),
        Kind::Database(url) => airflow::load_from(url, &name, settings)?.into(),
        Kind::Vault { path } => vault::load(path, &name, settings)?.into(),
        Kind::SecretsManager { prefix } => aws::load_secrets(prefix, &name, settings)?.into(),
        Kind::ParameterStore { prefix } => aws::load_parameters(prefix, &name, settings)?.into(),
        Kind::Store => store::load(&name, settings)?.into(),
    };
    let mut loaded = found.of(name, identity::label(spec, settings));
    hidden_names::hide(&mut loaded.connections);
    identify(&mut loaded.connections, &loaded.label, spec.is_store());
    Ok(loaded)
}
