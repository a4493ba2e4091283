//! The fuzz targets in the drivers: whole logins against a peer that sends the fuzzer's input, and each driver's own
//! parsers. Built for fuzzing and tests only.
//!
//! Every function returns one or two words for how far an input got, so that tests can check that a seed still reaches
//! what it was made for.

mod attempt;
mod login;
mod scram;
mod script;
mod target;

pub use self::attempt::{LIMIT, PASSWORD, attempt};
pub use self::scram::Scram;
pub use self::script::{against, choice, now, turns};
pub use self::target::{Fuzz, Reader, answers, fuzzed, login};
