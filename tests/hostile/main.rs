//! Hostile servers and misplaced fields: nothing that they can do brings a secret to light. What else
//! hostile servers can do is in `tests/faults`.

mod egress;
mod peers;
mod same_word;
mod secrets;
#[path = "../support/state.rs"]
mod state;
