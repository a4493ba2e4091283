//! Redis, and what speaks its protocol: Valkey, `KeyDB`, and the services of the clouds.
//!
//! `options` reads the definition, `wire` speaks RESP2, `auth` says what a login and a refusal are, `probe` makes the attempt.

mod auth;
mod codes;
#[cfg(any(fuzzing, test))]
pub(super) mod fuzzing;
mod options;
mod probe;
mod spec;
#[cfg(test)]
mod tests;
mod wire;

pub use self::spec::Redis;
