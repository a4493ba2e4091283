//! Which addresses may be connected to, judged on the address itself, whatever name led to it.
//!
//! Loopback and private networks are where databases live, so they are allowed unless denied.

mod builtin;
mod judge;
mod range;
mod rule;

pub use self::judge::Egress;
pub use self::range::Range;
pub use self::rule::Rule;
