//! `Flaw`: what is wrong with a definition, as data that knows its words. Each area has an enum of its own: here what any
//! definition may have, in `driver/NAME/flaws.rs` what only those of one driver have.

use crate::model::reason::Words;

/// What is wrong with a definition, with its data.
pub trait Flaw {
    /// Its words: the one place where they are made.
    fn words(&self) -> Words;
}
