//! What the fuzz targets reach in the drivers: whole logins against a peer that says what the fuzzer
//! wrote, and each driver's own parsers. Built for fuzzing and tests alone.
//!
//! Every function returns in a word or two how far an input came, by which a seed can be held to
//! reaching what it was made for.

mod attempt;
mod login;
mod scram;
mod script;

pub use self::attempt::{LIMIT, PASSWORD, attempt};
pub use self::login::{login_http, login_mongodb, login_mssql, login_mysql, login_postgres, login_redis, login_s3};
pub use self::scram::Scram;
pub use self::script::{against, choice, now, turns};
pub use super::mongodb::fuzzing::mongodb;
pub use super::mssql::fuzzing::mssql;
pub use super::mysql::fuzzing::mysql;
pub use super::postgres::fuzzing::postgres;
pub use super::redis::fuzzing::redis;
pub use super::s3::fuzzing::s3;
