//! The word that a fuzz target returns for what it has read. Built for fuzzing and tests alone.

use crate::model::connection::Connection;

/// `read` if at least one of `connections` is a good definition, otherwise `problems`.
pub(super) fn best(connections: &[Connection]) -> &'static str {
    let good = |connection: &Connection| connection.problems.is_empty() && connection.conn_type.is_some();
    if connections.iter().any(good) { "read" } else { "problems" }
}
