//! Layer 4: where connections are loaded from.
//!
//! A source is read whole, within a limit of time and size, and gives connections in its own order.
//! What makes a source unreadable is a [`SourceError`]; what is wrong with one entry belongs to that
//! entry and hides no other. Nothing here opens a connection or writes anything, and no message
//! quotes what a source holds.

mod airflow;
mod ambiguous;
mod aws;
mod backend;
mod document;
mod dotenv;
mod entry;
mod environment;
mod error;
#[cfg(any(fuzzing, test))]
pub mod fuzzing;
mod json;
mod read;
mod settings;
mod shape;
pub mod single;
mod spec;
mod store;
mod text;
mod vault;
mod yaml;

pub use self::ambiguous::mark_ambiguous;
pub use self::document::SyntaxError;
pub use self::error::SourceError;
pub use self::settings::{Environment, Settings};
use self::spec::Kind;
pub use self::spec::SourceSpec;
pub use self::store::{definitions as store_definitions, location as store_location, options as store_options};
use crate::model::connection::Connection;

/// What a source gave.
#[derive(Debug)]
pub struct Loaded {
    /// The source's name, as results show it.
    pub name: String,
    /// Every entry in its order, those with problems included.
    pub connections: Vec<Connection>,
}

/// Loads every connection of a source.
///
/// # Errors
///
/// Why the source as a whole cannot be read.
pub fn load(spec: &SourceSpec, settings: &Settings) -> Result<Loaded, SourceError> {
    let name = spec.to_string();
    let connections = match &spec.0 {
        Kind::Text { input, format } => text::load(input, *format, &name, settings)?,
        Kind::Environment => environment::load(&name, settings)?,
        Kind::Airflow => airflow::load(&name, settings)?,
        Kind::Database(url) => airflow::load_from(url, &name, settings)?,
        Kind::Vault { path } => vault::load(path, &name, settings)?,
        Kind::SecretsManager { prefix } => aws::load_secrets(prefix, &name, settings)?,
        Kind::ParameterStore { prefix } => aws::load_parameters(prefix, &name, settings)?,
        Kind::Store => store::load(&name, settings)?,
    };
    Ok(Loaded { name, connections })
}
