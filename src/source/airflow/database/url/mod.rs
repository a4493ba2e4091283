//! SQLAlchemy's URL of a database → the file, or the server in the words of connprobe's drivers.
//!
//! Reads what SQLAlchemy reads; an unescaped `@` in a password, which it takes for the end of it, is
//! read as meant where only one reading is possible, else refused: half a password taken for a host
//! would be shown, and dialled. What only tunes a Python driver is passed over. No message quotes the URL.

mod parameters;
mod parse;
mod parts;
mod place;
#[cfg(test)]
mod tests;

pub(super) use self::parse::{label, parse};
pub(super) use self::place::Place;
