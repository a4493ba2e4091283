//! MySQL, MariaDB, Aurora and TiDB: a login by `mysql_async`, which is shown a greeting made here and
//! only packets found sane, while greeting, TLS and every packet of the login pass through here.
//!
//! Why TLS is made here and not by the crate: the crate cannot check a certificate without its name
//! (`VERIFY_CA`), shows nothing of the channel, and would be alone with the server inside it.

mod account;
mod codes;
mod driver;
mod exchange;
#[cfg(any(fuzzing, test))]
pub(super) mod fuzzing;
mod greeting;
mod login;
mod method;
mod packet;
mod probe;
mod query;
mod refusal;
mod server_key;
mod session;
mod settings;
mod spec;
#[cfg(test)]
mod tests;
mod tls;

pub use self::driver::Mysql;
pub use self::session::{Session, connect};
pub use self::settings::Settings;
