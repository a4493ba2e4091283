//! PostgreSQL and products that use its protocol: Redshift, `TimescaleDB`, `AlloyDB`, `CockroachDB`.
//!
//! The driver crate gets an open, encrypted and watched stream; this module owns hosts, TLS, SCRAM, limits and
//! verdicts.

mod codes;
mod extras;
mod sniff;
mod spec;
mod synonyms;

#[cfg(feature = "postgres")]
mod account;
#[cfg(feature = "postgres")]
mod auth;
#[cfg(feature = "postgres")]
mod channel;
#[cfg(feature = "postgres")]
mod driver;
#[cfg(feature = "postgres")]
mod expected;
#[cfg(feature = "postgres")]
mod failover;
#[cfg(feature = "postgres")]
mod failure;
#[cfg(feature = "postgres")]
mod flaws;
#[cfg(all(feature = "postgres", any(fuzzing, test)))]
mod fuzzing;
#[cfg(feature = "postgres")]
mod hosts;
#[cfg(feature = "postgres")]
mod lacking;
#[cfg(feature = "postgres")]
mod libpq;
#[cfg(feature = "postgres")]
mod notices;
#[cfg(feature = "postgres")]
mod options;
#[cfg(feature = "postgres")]
mod overrides;
#[cfg(feature = "postgres")]
mod probe;
#[cfg(feature = "postgres")]
mod protocol;
#[cfg(feature = "postgres")]
mod refused;
#[cfg(all(test, feature = "postgres"))]
mod scripted;
#[cfg(feature = "postgres")]
mod session;
#[cfg(all(test, feature = "postgres"))]
mod tests;
#[cfg(feature = "postgres")]
mod tls_options;
#[cfg(feature = "postgres")]
mod watch;
#[cfg(feature = "postgres")]
mod watched;
#[cfg(feature = "postgres")]
mod wire;

#[cfg(feature = "postgres")]
pub use self::driver::{Postgres, connect};
#[cfg(feature = "postgres")]
pub use self::flaws::PostgresFlaw;
#[cfg(feature = "postgres")]
pub use self::notices::PostgresNotice;
#[cfg(feature = "postgres")]
pub use self::session::Session;
pub use self::sniff::PROTOCOL;
pub(super) use self::spec::SPEC;
