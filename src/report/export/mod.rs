//! Writes definitions in exactly the shapes of `airflow connections export`, which Airflow imports and connprobe's own
//! sources read back.
//!
//! A name is not a key: definitions with the same name become a list in JSON and YAML, and repeated lines in
//! environment files. connprobe's sources and Airflow read such files; Airflow then rejects the name, because it is
//! ambiguous.

mod definitions;
mod env;
mod json;
mod yaml;

pub use self::definitions::{ExportError, ExportFormat, Secrets, write};
