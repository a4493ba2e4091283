//! One of everything that words are made of, and several of those whose words depend on their data.

mod reasons;
mod unusable;

pub use self::reasons::reasons;
