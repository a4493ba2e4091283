//! Layer 3: connprobe's own database of definitions and of what their checks came to.
//!
//! Secrets (the password, and all of `extra`) are encrypted before they reach the database, every row is
//! authenticated as a whole, and what is said to be stored is on disk. Every call is one short transaction:
//! nothing stays locked while anything is probed. What stays in clear: names, types, descriptions, hosts,
//! databases, logins, ports, times, and what checks came to.
//!
//! Knows nothing of where definitions come from, and probes nothing.

#[cfg(not(all(feature = "store", feature = "postgres")))]
mod absent;
mod changes;
mod database;
pub mod difference;
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
mod tag;

pub use self::error::StoreError;
pub use self::files::{files_of, files_of_key};
pub use self::location::{Access, Location, Options};
pub use self::open::Store;
pub use self::stored::{Change, Health, History, Remembered, Rotation, RowId, Stored};
