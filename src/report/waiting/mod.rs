//! The progress of a wait, for people: a line for each change, or a board on a terminal, and at the end what each
//! connection has waited for.

mod board;
mod words;

pub use self::board::Board;
pub use self::words::Lines;
