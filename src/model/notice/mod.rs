//! `Notice`: what deserves attention on an otherwise fine result, with its data, from which alone the words of a
//! `Warning` are made. Each other file owns one area: its enum and its words. Nothing here quotes a secret.

mod channel;
mod entry;
mod extra;
mod http;
mod ledger;
mod mongodb;
mod mssql;
mod mysql;
#[expect(clippy::module_inception, reason = "the enum that gives the module its name has a file of its own")]
mod notice;
mod plan;
mod postgres;
mod redis;
mod s3;
mod source;
mod store;
mod text;
mod uri;
mod variable;

pub use self::channel::{ChannelNotice, ReadablePassword};
pub use self::entry::EntryNotice;
pub use self::extra::ExtraNotice;
pub use self::http::HttpNotice;
pub use self::ledger::LedgerNotice;
pub use self::mongodb::MongodbNotice;
pub use self::mssql::MssqlNotice;
pub use self::mysql::MysqlNotice;
pub use self::notice::Notice;
pub use self::plan::PlanNotice;
pub use self::postgres::PostgresNotice;
pub use self::redis::RedisNotice;
pub use self::s3::S3Notice;
pub use self::source::{Repeated, SourceNotice, UsedByAirflow};
pub use self::store::StoreNotice;
pub use self::text::TextNotice;
pub use self::uri::UriNotice;
pub use self::variable::VariableNotice;
