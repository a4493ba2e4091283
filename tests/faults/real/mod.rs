//! The real servers, behind a proxy that breaks the connection: a good login is recorded first, and
//! what must come of a break at any byte of it follows from where the turns were.
//!
//! The servers are started by `make test`; without them these tests fail and say so.

mod breaks;
mod proxy;
mod servers;
mod transcript;

pub use self::proxy::{Spoken, Way};
pub use self::servers::{Recorded, Server, right, server, value};
pub use self::transcript::Transcript;
