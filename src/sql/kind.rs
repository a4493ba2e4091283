//! `Kind`: the protocol that a database server speaks.

use crate::driver::{Registry, Spec};

/// The protocol that a database server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    Mysql,
}

impl Kind {
    /// The description of its driver.
    #[must_use]
    pub fn spec(self) -> &'static Spec {
        let name = match self {
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
        };
        let Some((driver, _)) = Registry::builtin().find(name) else {
            unreachable!("a driver is known, built in or not")
        };
        driver.spec()
    }
}
