//! The readers of sources that the fuzz targets run: each reader on any text, and each secrets backend with any
//! answers. Built for fuzzing and tests alone.
//!
//! Each function returns a word for how far an input came. With it, tests check that a seed still reaches what it was
//! made for.

pub use super::airflow::fuzzing::fernet;
pub use super::aws::fuzzing::aws;
use super::fuzz_outcome::best;
pub use super::vault::fuzzing::vault;
use super::{dotenv, entry, shape, yaml};
use crate::model::connection::{Connection, Origin};
use crate::model::document::Node;
use crate::model::json;

/// Reads a JSON file.
#[must_use]
pub fn json(input: &[u8]) -> &'static str {
    let Some(text) = text(input) else { return "no-text" };
    json::parse(text).map_or("malformed", shaped)
}

/// Reads a YAML file.
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

/// Reads the value of a variable or of a secret.
#[must_use]
pub fn value(input: &[u8]) -> &'static str {
    let Some(text) = text(input) else { return "no-text" };
    let origin = Origin { source: "fuzz".to_owned(), line: None, pointer: String::new(), occurrence: 0 };
    let mut connection = Connection::new(origin);
    entry::value(text, &mut connection);
    best(&[connection])
}

/// The input as text, up to the first byte that is not UTF-8. Few random inputs are text as a whole.
fn text(input: &[u8]) -> Option<&str> {
    match std::str::from_utf8(input) {
        Ok(text) => Some(text),
        Err(error) => std::str::from_utf8(&input[..error.valid_up_to()]).ok().filter(|text| !text.is_empty()),
    }
}
