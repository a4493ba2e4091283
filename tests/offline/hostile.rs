//! Hostile servers and misplaced fields never make connprobe show a secret. Other attacks of hostile servers are in
//! `tests/faults`.

mod arguments;
mod echo;
mod egress;
mod peers;
mod pieces;
pub mod run;
mod same_word;
mod secrets;
mod signed;
mod unending;
