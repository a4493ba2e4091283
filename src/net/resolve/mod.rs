//! Resolves names to addresses: with getaddrinfo, so that the result is the one that applications get, or with the DNS
//! server that the user names. Concurrent callers share one lookup of a name; an answer is cached for at most 30
//! seconds.
//!
//! A lookup that hangs costs its callers their time limit, does not slow other lookups (`pool`), and does not delay the
//! end of the process.

mod fair;
mod literal;
mod lookup;
mod pool;
mod resolver;

pub use self::literal::literal;
pub(super) use self::lookup::{Found, LookupError};
pub(super) use self::resolver::Asked;
pub use self::resolver::{JUST_NOW, Resolution, Resolver};
