//! `Place`: where the table is, as a URL says it.

use crate::model::connection::Connection;
use crate::sql::Kind;

/// Where the table is.
#[derive(Debug)]
pub(in crate::source::airflow::database) enum Place {
    /// On a server, and how to log in.
    Server(Kind, Box<Connection>),
    /// In a SQLite file.
    File(String),
}
