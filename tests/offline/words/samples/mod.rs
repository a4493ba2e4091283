//! Samples of everything that texts are made of, and several of those whose texts depend on their data.

mod definitions;
mod notices;
mod observations;
mod problems;
mod reasons;
mod unusable;

pub use self::notices::notices;
pub use self::observations::observations;
pub use self::problems::flaws;
pub use self::reasons::reasons;
