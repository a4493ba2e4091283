//! `Problem`: what makes a definition unusable; and `Flaw`, its data, from which alone its words are made. Each other
//! file owns one area: its enum and its words. Nothing here quotes a secret.

mod column;
mod entry;
mod field;
mod flaw;
mod given;
mod host;
mod http;
mod misplaced;
mod mongodb;
mod mssql;
mod mysql;
mod option;
mod plan;
mod postgres;
#[expect(clippy::module_inception, reason = "the struct that gives the module its name has a file of its own")]
mod problem;
mod redis;
mod row;
mod s3;
mod secret;
mod taken;
mod uri;

pub use self::column::ColumnFlaw;
pub use self::entry::{BadLine, EntryFlaw};
pub use self::flaw::Flaw;
pub use self::given::GivenFlaw;
pub use self::host::{BadHosts, HostFlaw};
pub use self::http::HttpFlaw;
pub use self::misplaced::{Misplaced, Part};
pub use self::mongodb::MongodbFlaw;
pub use self::mssql::MssqlFlaw;
pub use self::mysql::MysqlFlaw;
pub use self::option::OptionFlaw;
pub use self::plan::PlanFlaw;
pub use self::postgres::PostgresFlaw;
pub use self::problem::Problem;
pub use self::redis::RedisFlaw;
pub use self::row::RowFlaw;
pub use self::s3::S3Flaw;
pub use self::secret::SecretFlaw;
pub use self::taken::Taken;
pub use self::uri::UriFlaw;
