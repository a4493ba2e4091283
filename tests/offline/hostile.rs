//! Hostile servers and misplaced fields: nothing that they can do brings a secret to light. What else
//! hostile servers can do is in `tests/faults`.

mod arguments;
mod echo;
mod egress;
mod peers;
mod pieces;
mod run;
mod same_word;
mod secrets;
mod signed;
mod unending;
