//! Layer 4: the SQL client of the store and of sources, over the connections of the drivers of PostgreSQL and MySQL.
//! No higher layer depends on these connections. It logs in as a probe does; the caller that holds the session decides
//! which statements are sent.

mod kind;
#[cfg(feature = "mysql")]
pub mod mysql;
#[cfg(not(feature = "mysql"))]
#[path = "absent.rs"]
pub mod mysql;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(not(feature = "postgres"))]
#[path = "absent.rs"]
pub mod postgres;
mod session;

pub use self::kind::Kind;
pub use self::session::Session;
