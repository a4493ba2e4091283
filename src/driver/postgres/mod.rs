//! PostgreSQL, and what speaks its protocol: Redshift, `TimescaleDB`, `AlloyDB`, `CockroachDB`.
//!
//! The driver crate sees an open, encrypted and watched stream; hosts, TLS, SCRAM, limits and verdicts
//! are made here.

mod account;
mod auth;
mod channel;
mod codes;
mod derivation;
mod driver;
mod extras;
mod failover;
mod failure;
mod frames;
#[cfg(any(fuzzing, test))]
pub(super) mod fuzzing;
mod hosts;
mod lacking;
mod libpq;
mod options;
mod overrides;
mod probe;
mod protocol;
mod refused;
mod scram;
#[cfg(test)]
mod scripted;
mod session;
mod spec;
#[cfg(test)]
mod tests;
mod tls_options;
mod watch;
mod watched;

pub use self::driver::{Postgres, connect};
pub use self::session::Session;
