//! MongoDB.
//!
//! `options` reads the definition, `hosts` finds its servers, `probe` dials them and starts TLS. `auth` lets the
//! mongodb crate log in through a unix socket of this process; `dialogue` is the only path between the crate and the
//! server, validates every message (`wire`, `reply`, `greeting`, `scram`), and records facts and refusals.

mod codes;
mod extras;
mod sniff;
mod spec;
mod synonyms;

#[cfg(feature = "mongodb")]
mod auth;
#[cfg(feature = "mongodb")]
mod dialogue;
#[cfg(feature = "mongodb")]
mod driver;
#[cfg(feature = "mongodb")]
mod expected;
#[cfg(feature = "mongodb")]
mod flags;
#[cfg(feature = "mongodb")]
mod flaws;
#[cfg(all(feature = "mongodb", any(fuzzing, test)))]
mod fuzzing;
#[cfg(feature = "mongodb")]
mod greeting;
#[cfg(feature = "mongodb")]
mod hosts;
#[cfg(feature = "mongodb")]
mod notices;
#[cfg(feature = "mongodb")]
mod options;
#[cfg(feature = "mongodb")]
mod probe;
#[cfg(feature = "mongodb")]
mod pymongo;
#[cfg(feature = "mongodb")]
mod refusal;
#[cfg(feature = "mongodb")]
mod reply;
#[cfg(feature = "mongodb")]
mod scram;
#[cfg(all(test, feature = "mongodb"))]
mod tests;
#[cfg(feature = "mongodb")]
mod wire;

#[cfg(feature = "mongodb")]
pub use self::driver::Mongodb;
#[cfg(feature = "mongodb")]
pub use self::flaws::MongodbFlaw;
#[cfg(feature = "mongodb")]
pub use self::notices::MongodbNotice;
pub use self::sniff::PROTOCOL;
pub(super) use self::spec::SPEC;
