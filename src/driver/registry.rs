//! Which driver takes which conn type.

use std::sync::LazyLock;

use super::{Driver, http, mongodb, mssql, mysql, postgres, redis, s3};
use crate::model::codes::CodeTable;

/// Drivers by the conn types they take.
pub struct Registry {
    drivers: Vec<&'static dyn Driver>,
}

impl Registry {
    /// The drivers that connprobe brings.
    #[must_use]
    pub fn builtin() -> &'static Self {
        static BUILTIN: LazyLock<Registry> = LazyLock::new(|| Registry {
            drivers: vec![
                &postgres::Postgres,
                &mysql::Mysql,
                &mssql::Mssql,
                &mongodb::Mongodb,
                &redis::Redis,
                &s3::S3,
                &http::Http,
            ],
        });
        &BUILTIN
    }

    /// The built-in drivers and `own`, which come first.
    #[must_use]
    pub fn with(own: Vec<&'static dyn Driver>) -> Self {
        let mut drivers = own;
        drivers.extend(&Self::builtin().drivers);
        Self { drivers }
    }

    /// Every driver.
    pub fn drivers(&self) -> impl Iterator<Item = &'static dyn Driver> + '_ {
        self.drivers.iter().copied()
    }

    /// The driver for a normalised conn type, and the port it uses when none is stored.
    #[must_use]
    pub fn find(&self, conn_type: &str) -> Option<(&'static dyn Driver, u16)> {
        self.drivers().find_map(|driver| {
            let (_, port) = driver.spec().types.iter().find(|(name, _)| *name == conn_type)?;
            Some((driver, *port))
        })
    }

    /// The code tables of all drivers, with their names.
    pub fn code_tables(&self) -> impl Iterator<Item = (&'static str, &'static CodeTable)> {
        self.drivers().map(|driver| (driver.spec().name, driver.spec().codes))
    }

    /// The known conn type that `word` looks like a misspelling of.
    #[must_use]
    pub fn nearest(&self, word: &str) -> Option<&'static str> {
        super::extras::nearest(
            word,
            self.drivers().flat_map(|driver| driver.spec().types.iter().map(|(name, _)| *name)),
        )
    }
}
