//! Layer 5: connprobe's own database of definitions and of the results of their checks.
//!
//! Secrets (the password, and all of `extra`) are encrypted before they reach the database, every row is authenticated as a
//! whole, and an acknowledged change is on disk. Every call is one short transaction, so nothing stays locked while
//! connections are probed. These are stored in clear: names, types, descriptions, hosts, databases, logins, ports, times,
//! and the results of checks.
//!
//! This layer does not know where definitions come from, and probes nothing.

#[cfg(not(all(feature = "store", feature = "postgres")))]
mod absent;
mod changes;
mod database;
mod draft;
mod error;
mod files;
#[cfg(any(fuzzing, test))]
pub mod fuzzing;
mod header;
mod integrity;
mod key;
mod location;
mod open;
mod opened;
#[cfg(all(feature = "store", feature = "postgres"))]
mod postgres;
mod random;
mod results;
mod rotation;
mod row;
mod rows;
mod seal;
mod sealing;
#[cfg(feature = "store")]
mod sqlite;
mod state;
mod stored;
pub mod sync_plan;
mod tag;
mod transaction;

pub use self::error::StoreError;
pub use self::files::{files_of, files_of_key};
pub use self::location::{Access, Location, Options};
pub use self::open::Store;
pub(crate) use self::opened::Opened;
pub use self::stored::{Change, Health, History, Remembered, Rotation, RowId, Stored};
