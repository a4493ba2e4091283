//! Random secrets of every length in every place that one can stand in, and servers that say them back in
//! every way: in no output of any command is one of them found, in whatever encoding.
//!
//! One check is one secret in one encoding searched in one output.

mod control;
mod definitions;
mod echo;
mod encodings;
mod misplaced;
mod random;
mod search;
mod test;
