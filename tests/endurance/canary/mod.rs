//! Random secrets of every length in every place that can hold one, and servers that echo them in every way: no output
//! of any command may contain one, in whatever encoding.
//!
//! One check is one secret in one encoding, searched for in one output.

mod control;
mod definitions;
mod echo;
mod encodings;
mod misplaced;
mod random;
mod search;
mod test;
