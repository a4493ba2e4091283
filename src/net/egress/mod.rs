//! Judges which addresses may be connected to. The verdict depends on the address itself, not on the name that it was
//! resolved from.
//!
//! Databases live on loopback and private networks, so these are allowed unless denied.

mod builtin;
mod judge;
mod range;
mod rule;

pub use self::judge::Egress;
pub use self::range::Range;
pub use self::rule::Rule;
