//! What the fuzz targets reach in the drivers: whole logins against a peer that says what the fuzzer
//! wrote, and each driver's own parsers. Built for fuzzing and tests alone.
//!
//! Every function returns in a word or two how far an input came, by which a seed can be held to
//! reaching what it was made for.

mod attempt;
mod login;
mod scram;
mod script;
mod target;

pub use self::attempt::{LIMIT, PASSWORD, attempt};
pub use self::scram::Scram;
pub use self::script::{against, choice, now, turns};
pub use self::target::{Fuzz, Reader, answers, fuzzed, login};
