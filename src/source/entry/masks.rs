//! Stars in place of secrets. A definition that contains them was copied from an output that hides secrets.

use serde_json::Value as Json;

use super::names::name;
use crate::model::connection::Connection;
use crate::model::problem::GivenFlaw;
use crate::model::reason::Field;

/// The text that Airflow prints in place of a secret.
pub(in crate::source) const MASK: &str = "***";

/// Adds a problem for each value that is only stars. `connections list --hide-sensitive` and the UI print them for
/// secrets.
pub(super) fn find(connection: &mut Connection) {
    let mut masked = Vec::new();
    if connection.password.as_ref().is_some_and(|password| password.expose() == MASK) {
        masked.push(("password".to_owned(), Field::PASSWORD));
    }
    masked.extend(
        connection
            .extra
            .object()
            .iter()
            .filter(|(_, value)| is_masked(value))
            .map(|(key, _)| (name(key), Field::extra(&name(key)))),
    );
    connection.problems.extend(masked.into_iter().map(|(written, field)| GivenFlaw::Masked { written, field }.into()));
}

fn is_masked(value: &Json) -> bool {
    match value {
        Json::String(text) => text == MASK,
        Json::Array(values) => values.iter().any(is_masked),
        Json::Object(object) => object.values().any(is_masked),
        Json::Null | Json::Bool(_) | Json::Number(_) => false,
    }
}
