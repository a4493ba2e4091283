//! `Flaw`: what is wrong with a definition, as data with a description. Each area has its own enum: this module has
//! those of any definition, `driver/NAME/flaws.rs` those of one driver.

use crate::model::reason::Words;

/// What is wrong with a definition, with its data.
pub trait Flaw {
    /// The description: the only place where it is made.
    fn words(&self) -> Words;
}
