//! Waiting until servers are ready: what follows each attempt, and how long a check has stood how. It makes no login
//! itself, and knows no report.

mod pace;
mod state;
mod waiting;

pub(super) use self::pace::{Attempted, Next, Pace};
pub(super) use self::state::State;
pub use self::waiting::Waiting;
