//! Names to addresses: getaddrinfo (whose answers the real applications get), or the DNS server that the owner
//! names. Each name is looked up once for all who ask, and kept for half a minute at the most.
//!
//! A lookup that hangs costs its askers their time limit, the others nothing (`pool`), and the process nothing at
//! its end.

mod fair;
mod literal;
mod pool;
mod resolver;

pub use self::literal::literal;
pub use self::resolver::{FAILURE_KEPT, Resolution, Resolver};
pub(super) use self::resolver::{Found, Trouble};
