//! Names to addresses: by getaddrinfo (whose answers the real applications get), or by the DNS server that the owner
//! names. Concurrent callers share one lookup of a name; its answer is kept for at most half a minute.
//!
//! A lookup that hangs costs its callers their time limit and other lookups nothing (`pool`), and does not delay the end
//! of the process.

mod fair;
mod literal;
mod pool;
mod resolver;

pub use self::literal::literal;
pub(super) use self::resolver::{Asked, Found, LookupError};
pub use self::resolver::{JUST_NOW, Resolution, Resolver};
