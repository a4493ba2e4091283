//! MySQL, MariaDB, Aurora and TiDB: a login by `mysql_async`, which gets a greeting made here and only validated
//! packets. Greeting, TLS and every packet of the login pass through this module.
//!
//! TLS is handled here and not by the crate: the crate cannot verify a certificate's chain without its name
//! (`VERIFY_CA`), exposes nothing of the channel, and would talk to the server inside it unobserved.

mod codes;
mod sniff;
mod spec;
mod synonyms;

#[cfg(feature = "mysql")]
mod account;
#[cfg(feature = "mysql")]
mod auth;
#[cfg(feature = "mysql")]
mod driver;
#[cfg(feature = "mysql")]
mod expected;
#[cfg(feature = "mysql")]
mod flaws;
#[cfg(all(feature = "mysql", any(fuzzing, test)))]
mod fuzzing;
#[cfg(feature = "mysql")]
mod greeting;
#[cfg(feature = "mysql")]
mod login;
#[cfg(feature = "mysql")]
mod method;
#[cfg(feature = "mysql")]
mod notices;
#[cfg(feature = "mysql")]
mod options;
#[cfg(feature = "mysql")]
mod probe;
#[cfg(feature = "mysql")]
mod query;
#[cfg(feature = "mysql")]
mod refusal;
#[cfg(feature = "mysql")]
mod server_key;
#[cfg(feature = "mysql")]
mod session;
#[cfg(all(test, feature = "mysql"))]
mod tests;
#[cfg(feature = "mysql")]
mod tls;
#[cfg(feature = "mysql")]
mod wire;

#[cfg(feature = "mysql")]
pub use self::driver::Mysql;
#[cfg(feature = "mysql")]
pub use self::flaws::MysqlFlaw;
#[cfg(feature = "mysql")]
pub use self::notices::MysqlNotice;
#[cfg(feature = "mysql")]
pub use self::options::Options;
#[cfg(feature = "mysql")]
pub use self::session::{Session, connect};
pub use self::sniff::PROTOCOL;
pub(super) use self::spec::SPEC;
