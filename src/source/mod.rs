//! Layer 6: the places that connections are loaded from.
//!
//! A source is read whole, within a limit of time and size, and its connections keep their order. If a source as a whole
//! cannot be read, the result is a [`SourceError`]. A problem of one entry belongs to that entry and affects no other. This
//! layer opens no socket of its own and writes nothing, and no message quotes the content of a source.

#[cfg(feature = "airflow")]
mod airflow;
#[cfg(not(feature = "airflow"))]
#[path = "absent/airflow.rs"]
mod airflow;
mod ambiguous;
#[cfg(feature = "aws-source")]
mod aws;
#[cfg(not(feature = "aws-source"))]
#[path = "absent/aws.rs"]
mod aws;
#[cfg(any(feature = "vault", feature = "aws-source"))]
mod backend;
mod container;
mod dotenv;
mod entry;
mod environment;
mod error;
mod files;
mod foreign;
#[cfg(any(fuzzing, test))]
mod fuzz_outcome;
#[cfg(any(fuzzing, test))]
pub mod fuzzing;
mod hidden_names;
mod identity;
mod likeness;
mod load;
mod loaded;
mod loading;
mod read;
mod settings;
mod shape;
pub mod single;
mod spec;
mod store;
mod text;
#[cfg(feature = "vault")]
mod vault;
#[cfg(not(feature = "vault"))]
#[path = "absent/vault.rs"]
mod vault;
mod yaml;

pub use self::airflow::end_commands;
pub use self::ambiguous::mark_ambiguous;
pub use self::error::SourceError;
pub use self::files::{exposed, exposed_file, files};
pub use self::identity::identify;
pub use self::load::load;
pub use self::loaded::Loaded;
pub use self::settings::{Environment, Sent, Settings};
pub use self::spec::{SourceSpec, holds_password, is_source_prefix};
pub use self::store::{definitions as store_definitions, location as store_location, options as store_options};
pub use crate::model::document::SyntaxError;
