//! `Kind`: whose protocol a database server speaks.

use crate::driver::{Registry, Spec};

/// Whose protocol a database server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// PostgreSQL.
    Postgres,
    /// MySQL, and MariaDB too.
    Mysql,
}

impl Kind {
    /// What its driver says of itself.
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
