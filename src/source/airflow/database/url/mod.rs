//! Reads SQLAlchemy's URL of a database: it names a file, or a server, which becomes a connection of connprobe's drivers.
//!
//! This reads what SQLAlchemy reads, with one difference. SQLAlchemy takes an unescaped `@` in a password for its end. If only
//! one reading is possible, this reads the password as meant; otherwise it refuses the URL, because half a password as a
//! host would be shown and dialled. Parameters that only tune a Python driver are ignored. No message quotes the URL.

mod parameters;
mod parse;
mod parts;
mod place;
#[cfg(test)]
mod tests;

pub(super) use self::parse::{label, parse};
pub(super) use self::place::Place;
