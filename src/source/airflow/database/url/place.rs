//! `Place`: the place of the table that a URL names.

use crate::model::connection::Connection;
use crate::sql::Kind;

/// The place of the table.
#[derive(Debug)]
pub(in crate::source::airflow::database) enum Place {
    /// A server, and the connection to log in with.
    Server(Kind, Box<Connection>),
    /// A SQLite file.
    File(String),
}
