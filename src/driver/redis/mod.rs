//! Redis and products that use its protocol: Valkey, `KeyDB`, and the services of the clouds.
//!
//! `options` reads the definition, `wire` implements RESP2, `auth` judges logins and refusals, `probe` makes the
//! attempt.

mod codes;
mod sniff;
mod spec;
mod synonyms;

#[cfg(feature = "redis")]
mod auth;
#[cfg(feature = "redis")]
mod driver;
#[cfg(feature = "redis")]
mod expected;
#[cfg(feature = "redis")]
mod flaws;
#[cfg(all(feature = "redis", any(fuzzing, test)))]
mod fuzzing;
#[cfg(feature = "redis")]
mod notices;
#[cfg(feature = "redis")]
mod options;
#[cfg(feature = "redis")]
mod probe;
#[cfg(all(test, feature = "redis"))]
mod tests;
#[cfg(feature = "redis")]
mod wire;

#[cfg(feature = "redis")]
pub use self::driver::Redis;
#[cfg(feature = "redis")]
pub use self::flaws::RedisFlaw;
#[cfg(feature = "redis")]
pub use self::notices::RedisNotice;
pub use self::sniff::PROTOCOL;
pub(super) use self::spec::SPEC;
