//! Definitions in exactly the shapes of `airflow connections export`, which Airflow imports and which
//! connprobe's own sources read back.
//!
//! A name is not a key: definitions that share one become a list under it in JSON and YAML, and
//! repeated lines in environment files. connprobe's sources and Airflow read such files; Airflow then
//! refuses the name, because it cannot tell which one is meant.

mod definitions;
mod env;
mod json;
mod yaml;

pub use self::definitions::{ExportError, ExportFormat, Secrets, write};
