//! `Flaw`: the area that something wrong belongs to.

use super::{
    ColumnFlaw, EntryFlaw, GivenFlaw, HostFlaw, HttpFlaw, Misplaced, MongodbFlaw, MssqlFlaw, MysqlFlaw, OptionFlaw,
    PlanFlaw, PostgresFlaw, RedisFlaw, RowFlaw, S3Flaw, SecretFlaw, UriFlaw,
};
use crate::model::reason::Words;

/// What makes a definition unusable, with its data.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flaw {
    /// What stands in a source is no definition.
    Entry(EntryFlaw),
    /// The fields that an entry gives.
    Given(GivenFlaw),
    /// The URI of an entry.
    Uri(UriFlaw),
    /// A column of Airflow's table.
    Column(ColumnFlaw),
    /// A stored secret.
    Secret(SecretFlaw),
    /// A row of connprobe's own store.
    Row(RowFlaw),
    /// A secret in a field that is shown.
    Misplaced(Misplaced),
    /// What planning a login finds, whatever the driver.
    Plan(PlanFlaw),
    /// An extra of any driver.
    Option(OptionFlaw),
    /// The host.
    Host(HostFlaw),
    /// A definition of MySQL.
    Mysql(MysqlFlaw),
    /// A definition of PostgreSQL.
    Postgres(PostgresFlaw),
    /// A definition of SQL Server.
    Mssql(MssqlFlaw),
    /// A definition of MongoDB.
    Mongodb(MongodbFlaw),
    /// A definition of S3.
    S3(S3Flaw),
    /// A definition of Redis.
    Redis(RedisFlaw),
    /// A definition of a service over HTTP.
    Http(HttpFlaw),
}

impl Flaw {
    /// Its words: the one place where they are made.
    #[must_use]
    pub fn words(&self) -> Words {
        match self {
            Self::Entry(flaw) => flaw.words(),
            Self::Given(flaw) => flaw.words(),
            Self::Uri(flaw) => flaw.words(),
            Self::Column(flaw) => flaw.words(),
            Self::Secret(flaw) => flaw.words(),
            Self::Row(flaw) => flaw.words(),
            Self::Misplaced(flaw) => flaw.words(),
            Self::Plan(flaw) => flaw.words(),
            Self::Option(flaw) => flaw.words(),
            Self::Host(flaw) => flaw.words(),
            Self::Mysql(flaw) => flaw.words(),
            Self::Postgres(flaw) => flaw.words(),
            Self::Mssql(flaw) => flaw.words(),
            Self::Mongodb(flaw) => flaw.words(),
            Self::S3(flaw) => flaw.words(),
            Self::Redis(flaw) => flaw.words(),
            Self::Http(flaw) => flaw.words(),
        }
    }
}

macro_rules! areas {
    ($($area:ident $flaw:ident),*) => {
        $(impl From<$flaw> for Flaw {
            fn from(flaw: $flaw) -> Self {
                Self::$area(flaw)
            }
        })*
    };
}

areas!(
    Entry EntryFlaw, Given GivenFlaw, Uri UriFlaw, Column ColumnFlaw, Secret SecretFlaw, Row RowFlaw,
    Misplaced Misplaced, Plan PlanFlaw, Option OptionFlaw, Host HostFlaw, Mysql MysqlFlaw, Postgres PostgresFlaw,
    Mssql MssqlFlaw, Mongodb MongodbFlaw, S3 S3Flaw, Redis RedisFlaw, Http HttpFlaw
);
