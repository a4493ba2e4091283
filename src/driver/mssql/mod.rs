//! SQL Server: SQL logins over TDS, with every level of encryption.
//!
//! PRELOGIN and TLS are handled here, so that certificates are verified as in every other driver and the facts are
//! known; tiberius handles the rest of the protocol over the channel that it gets. No real SQL Server was available
//! when this was written: codes and texts are those of Microsoft's documentation, and the dialogue was checked against
//! Microsoft's specifications (MS-TDS, MC-SQLR) and the behaviour of FreeTDS and Microsoft's ODBC driver.

mod codes;
mod extras;
mod sniff;
mod spec;
mod synonyms;

#[cfg(feature = "mssql")]
mod account;
#[cfg(feature = "mssql")]
mod auth;
#[cfg(feature = "mssql")]
mod driver;
#[cfg(feature = "mssql")]
mod encryption;
#[cfg(feature = "mssql")]
mod envelope;
#[cfg(feature = "mssql")]
mod flaws;
#[cfg(all(feature = "mssql", any(fuzzing, test)))]
mod fuzzing;
#[cfg(feature = "mssql")]
mod greeting;
#[cfg(feature = "mssql")]
mod notices;
#[cfg(feature = "mssql")]
mod options;
#[cfg(feature = "mssql")]
mod prelogin;
#[cfg(feature = "mssql")]
mod probe;
#[cfg(feature = "mssql")]
mod pymssql;
#[cfg(feature = "mssql")]
mod refusal;
#[cfg(feature = "mssql")]
mod route;
#[cfg(feature = "mssql")]
mod server;
#[cfg(all(test, feature = "mssql"))]
mod tests;
#[cfg(feature = "mssql")]
mod wire;

#[cfg(feature = "mssql")]
pub use self::driver::Mssql;
#[cfg(feature = "mssql")]
pub use self::flaws::MssqlFlaw;
#[cfg(feature = "mssql")]
pub use self::notices::MssqlNotice;
pub use self::sniff::PROTOCOL;
pub(super) use self::spec::SPEC;
