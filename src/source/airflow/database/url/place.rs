//! `Place`: where the table is, as a URL says it.

use crate::driver::mysql::Mysql;
use crate::driver::postgres::Postgres;
use crate::driver::{Driver, Spec};
use crate::model::connection::Connection;

/// Where the table is.
#[derive(Debug)]
pub(in crate::source::airflow::database) enum Place {
    /// On a server, and how to log in.
    Server(Kind, Box<Connection>),
    /// In a SQLite file.
    File(String),
}

/// Whose protocol the server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::source::airflow::database) enum Kind {
    Postgres,
    /// MariaDB too.
    Mysql,
}

impl Kind {
    pub(in crate::source::airflow::database) fn spec(self) -> &'static Spec {
        match self {
            Self::Postgres => Postgres.spec(),
            Self::Mysql => Mysql.spec(),
        }
    }
}
