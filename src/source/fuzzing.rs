//! What the fuzz targets reach in the sources: each reader, on any text, and each secrets backend, with
//! any answers. Built for fuzzing and tests alone.
//!
//! Every function returns in a word how far an input came, by which a seed can be held to reaching what
//! it was made for.

pub use super::airflow::fuzzing::fernet;
pub use super::aws::fuzzing::aws;
pub use super::vault::fuzzing::vault;
use super::{dotenv, entry, shape, yaml};
use crate::model::connection::{Connection, Origin};
use crate::model::document::Node;
use crate::model::json;

/// Reads a file of JSON.
#[must_use]
pub fn json(input: &[u8]) -> &'static str {
    let Some(text) = text(input) else { return "no-text" };
    json::parse(text).map_or("malformed", shaped)
}

/// Reads a file of YAML.
#[must_use]
pub fn yaml(input: &[u8]) -> &'static str {
    let Some(text) = text(input) else { return "no-text" };
    match yaml::parse(text) {
        Ok(Some(document)) => shaped(document),
        Ok(None) => "empty",
        Err(_) => "malformed",
    }
}

fn shaped(document: Node<'_>) -> &'static str {
    match shape::read(document, "fuzz", None) {
        Ok(found) if found.connections.is_empty() => "nothing",
        Ok(found) => best(&found.connections),
        Err(_) => "no-shape",
    }
}

/// Reads an environment file.
#[must_use]
pub fn dotenv(input: &[u8]) -> &'static str {
    let Some(text) = text(input) else { return "no-text" };
    match dotenv::read(text, "fuzz", None) {
        Ok(found) if found.connections.is_empty() => "nothing",
        Ok(found) => best(&found.connections),
        Err(_) => "malformed",
    }
}

/// Reads the value of a variable, or of a secret.
#[must_use]
pub fn value(input: &[u8]) -> &'static str {
    let Some(text) = text(input) else { return "no-text" };
    let origin = Origin { source: "fuzz".to_owned(), line: None, pointer: String::new(), occurrence: 0 };
    let mut connection = Connection::new(origin);
    entry::value(text, &mut connection);
    best(&[connection])
}

/// Whether one of them at least is a good definition.
pub(super) fn best(connections: &[Connection]) -> &'static str {
    let good = |connection: &Connection| connection.problems.is_empty() && connection.conn_type.is_some();
    if connections.iter().any(good) { "read" } else { "problems" }
}

/// The text that an input is, which no more than one in many is by chance: up to where it ends to be one.
fn text(input: &[u8]) -> Option<&str> {
    match std::str::from_utf8(input) {
        Ok(text) => Some(text),
        Err(error) => std::str::from_utf8(&input[..error.valid_up_to()]).ok().filter(|text| !text.is_empty()),
    }
}
