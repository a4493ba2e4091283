//! Layer 5: what is remembered of connections over time: changes, tallies by hour and by day, and the last checks. Owns a
//! SQLite file of its own and the one thread that writes to it. Holds no definition and no secret; must not check anything,
//! and never makes a check wait.

mod error;
mod file;
mod open;
mod ring;
mod tally;
mod terms;

pub use self::error::HistoryError;
pub use self::open::History;
pub use self::ring::{LENGTH, Mark, Ring};
pub use self::tally::{BOUNDS, Tally};
pub use self::terms::{Bounds, Changed, Span};
