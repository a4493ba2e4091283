//! What the fuzz targets reach: each reader, on any text. Built for nothing else.

use super::{airflow, dotenv, entry, json, shape, yaml};
use crate::model::connection::{Connection, Origin};

/// Reads `text` as a file of JSON.
pub fn json(text: &str) {
    if let Ok(document) = json::parse(text) {
        drop(shape::read(document, "fuzz", None));
    }
}

/// Reads `text` as a file of YAML.
pub fn yaml(text: &str) {
    if let Ok(Some(document)) = yaml::parse(text) {
        drop(shape::read(document, "fuzz", None));
    }
}

/// Reads `text` as an environment file.
pub fn dotenv(text: &str) {
    drop(dotenv::read(text, "fuzz", None));
}

/// Reads `text` as the value of a variable, or of a secret.
pub fn value(text: &str) {
    let origin = Origin { source: "fuzz".to_owned(), line: None, pointer: String::new(), occurrence: 0 };
    entry::value(text, &mut Connection::new(origin));
}

/// Decrypts `token` with a key that is fixed.
pub fn fernet(token: &str) {
    airflow::decrypt_for_fuzzing(token);
}
