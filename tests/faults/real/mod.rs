//! Real servers behind a proxy that breaks the connection. A good login is recorded first; the expected result of a
//! break at any byte follows from the positions of the turns.
//!
//! `make test` starts the servers. Without them these tests fail and name what is missing.

mod breaks;
mod proxy;
mod servers;
mod transcript;

pub use self::proxy::{Spoken, Way};
pub use self::servers::{Recorded, Server, right, server, value};
pub use self::transcript::Transcript;
