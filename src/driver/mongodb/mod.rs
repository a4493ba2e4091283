//! MongoDB.
//!
//! `options` reads the definition, `hosts` says which servers it means, `probe` dials them and does
//! TLS. `session` lets the mongodb crate log in through a door on this machine; `dialogue` stands
//! between the two, checks every message (`framing`, `reply`, `greeting`, `scram`), and is where facts
//! and refusals are learnt.

mod codes;
mod dialogue;
mod driver;
mod extras;
mod flags;
mod framing;
#[cfg(any(fuzzing, test))]
pub(super) mod fuzzing;
mod greeting;
mod hosts;
mod options;
mod probe;
mod pymongo;
mod refusal;
mod reply;
mod scram;
mod session;

pub use self::driver::Mongodb;
#[cfg(test)]
use self::driver::SPEC;

#[cfg(test)]
mod tests;
