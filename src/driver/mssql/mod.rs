//! SQL Server: SQL logins over TDS, with every level of encryption.
//!
//! PRELOGIN and TLS are made here, so that certificates are judged as for every other driver and the
//! facts are known; tiberius speaks the rest over the channel that it is handed. No real SQL Server
//! was at hand when this was written: codes and texts are those of Microsoft's documentation, and
//! the dialogue was held to Microsoft's specification (MS-TDS, MC-SQLR) and to the behaviour of
//! FreeTDS and Microsoft's ODBC driver.

mod account;
mod codes;
mod driver;
mod encryption;
mod envelope;
mod extras;
#[cfg(any(fuzzing, test))]
pub(super) mod fuzzing;
mod greeting;
mod handover;
mod packet;
mod plan;
mod prelogin;
mod probe;
mod pymssql;
mod refusal;
mod route;
mod server;
mod spec;
#[cfg(test)]
mod tests;

pub use self::driver::Mssql;
