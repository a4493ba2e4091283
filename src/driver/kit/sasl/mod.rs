//! SASL (RFC 4422), as far as several protocols carry it. Owns what is in the messages; must not know a protocol, nor when
//! a message is sent, nor whether it may be.

mod challenge;
mod derivation;
mod error;
mod mechanisms;
mod scram;

pub use self::challenge::{BadChallenge, Challenge, ROUNDS};
pub use self::error::ScramError;
pub use self::mechanisms::{login, oauthbearer, plain, xoauth2};
pub use self::scram::{Awaited, Binding, Exchange, Hash};
