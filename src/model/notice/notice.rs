//! `Notice`: the area that it belongs to.

use super::{
    ChannelNotice, EntryNotice, ExtraNotice, HttpNotice, LedgerNotice, MongodbNotice, MssqlNotice, MysqlNotice,
    PlanNotice, PostgresNotice, RedisNotice, S3Notice, SourceNotice, StoreNotice, TextNotice, UriNotice,
    VariableNotice,
};
use crate::model::warning::Warning;

/// What deserves attention, with its data.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// A source as a whole, or the name of a definition in it.
    Source(SourceNotice),
    /// A variable, or a line that sets one.
    Variable(VariableNotice),
    /// The fields that an entry gives.
    Entry(EntryNotice),
    /// The URI of an entry.
    Uri(UriNotice),
    /// connprobe's own store.
    Store(StoreNotice),
    /// What is remembered of refused logins.
    Ledger(LedgerNotice),
    /// A definition, whatever its driver.
    Plan(PlanNotice),
    /// An extra.
    Extra(ExtraNotice),
    /// What a server says.
    Text(TextNotice),
    /// How well a login is protected.
    Channel(ChannelNotice),
    /// MySQL and MariaDB.
    Mysql(MysqlNotice),
    /// PostgreSQL.
    Postgres(PostgresNotice),
    /// SQL Server.
    Mssql(MssqlNotice),
    /// MongoDB.
    Mongodb(MongodbNotice),
    /// S3.
    S3(S3Notice),
    /// Redis.
    Redis(RedisNotice),
    /// Services over HTTP.
    Http(HttpNotice),
}

impl Notice {
    /// The stable word for it, and its words: the one place where they are made.
    #[must_use]
    pub fn warning(&self) -> Warning {
        match self {
            Self::Source(notice) => notice.warning(),
            Self::Variable(notice) => notice.warning(),
            Self::Entry(notice) => notice.warning(),
            Self::Uri(notice) => notice.warning(),
            Self::Store(notice) => notice.warning(),
            Self::Ledger(notice) => notice.warning(),
            Self::Plan(notice) => notice.warning(),
            Self::Extra(notice) => notice.warning(),
            Self::Text(notice) => notice.warning(),
            Self::Channel(notice) => notice.warning(),
            Self::Mysql(notice) => notice.warning(),
            Self::Postgres(notice) => notice.warning(),
            Self::Mssql(notice) => notice.warning(),
            Self::Mongodb(notice) => notice.warning(),
            Self::S3(notice) => notice.warning(),
            Self::Redis(notice) => notice.warning(),
            Self::Http(notice) => notice.warning(),
        }
    }
}

impl<N: Into<Notice>> From<N> for Warning {
    fn from(notice: N) -> Self {
        notice.into().warning()
    }
}

macro_rules! areas {
    ($($area:ident $notice:ident),*) => {
        $(impl From<$notice> for Notice {
            fn from(notice: $notice) -> Self {
                Self::$area(notice)
            }
        })*
    };
}

areas!(
    Source SourceNotice, Variable VariableNotice, Entry EntryNotice, Uri UriNotice, Store StoreNotice,
    Ledger LedgerNotice, Plan PlanNotice, Extra ExtraNotice, Text TextNotice, Channel ChannelNotice, Mysql MysqlNotice,
    Postgres PostgresNotice, Mssql MssqlNotice, Mongodb MongodbNotice, S3 S3Notice, Redis RedisNotice, Http HttpNotice
);
