//! Tests of `connprobe::source` as a library: every shape of definitions, and every bad case.

mod airflow_home;
mod backends;
mod bad;
mod beside;
mod dotenv;
mod environment;
mod exports;
mod fields;
mod foreign;
mod generated;
mod hostile;
mod metadata_file;
mod metadata_hostile;
mod reading;
mod shapes;
mod uris;
mod yaml;

use std::path::PathBuf;
use std::time::Duration;

use connprobe::model::connection::Connection;
use connprobe::model::problem::Problem;
use connprobe::model::reason::Field;
use connprobe::model::secret::Secret;
use connprobe::source::{self, Loaded, Settings, SourceError};

use crate::waiting::wait;

const LIMIT: Duration = Duration::from_secs(30);

/// The value of every secret in the fixtures, which must never be shown.
const CANARY: &str = "CANARY";

fn definitions() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/definitions")
}

fn load(word: &str) -> Result<Loaded, SourceError> {
    wait(source::load(&word.parse()?, &Settings { limit: LIMIT, ..Settings::default() }.into()))
}

/// The connections of a fixture, which must have no problems.
fn fixture(name: &str) -> Vec<Connection> {
    let loaded = load(definitions().join(name).to_str().unwrap()).unwrap();
    for connection in &loaded.connections {
        assert_eq!(connection.problems, [], "{name}");
    }
    assert!(!format!("{loaded:?}").contains(CANARY), "{loaded:?}");
    loaded.connections
}

/// The connections of a JSON text.
fn read(text: &str) -> Vec<Connection> {
    read_file("c.json", text)
}

/// The connections of a file with this name.
fn read_file(name: &str, text: &str) -> Vec<Connection> {
    load_file(name, text).map_err(|error| format!("{text}: {error}")).unwrap()
}

/// The connections of a file with this name. The directory is removed from their origins.
fn load_file(name: &str, text: &str) -> Result<Vec<Connection>, SourceError> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    std::fs::write(&path, text).unwrap();
    let shown = |text: String| text.replace(&format!("{}/", directory.path().display()), "");
    let mut connections = load(path.to_str().unwrap())?.connections;
    for connection in &mut connections {
        connection.origin.source = shown(connection.origin.source.clone());
    }
    Ok(connections)
}

/// A problem in the form of its snapshot.
fn shown(problem: &Problem) -> String {
    let fields: Vec<&str> = problem.fields.iter().map(Field::as_str).collect();
    format!("{} [{}]\n{}\n", problem.reason.as_str(), fields.join(", "), problem.message)
}

fn codes(connection: &Connection) -> Vec<&str> {
    connection.warnings.iter().map(|warning| warning.code.as_str()).collect()
}

fn password(connection: &Connection) -> &str {
    connection.password().map_or("", Secret::expose)
}
