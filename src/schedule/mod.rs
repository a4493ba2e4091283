//! Layer 4: checks connections again and again. Owns when each is due, what is said of it after its checks, and whether
//! this machine sees its servers at all. Must not know a source, a store, HTTP or a report.

mod beat;
mod blind;
mod interval;
mod pools;
mod scheduler;
mod state;
mod watched;

pub use self::beat::Beat;
pub use self::blind::Sight;
pub use self::interval::{Intervals, Rule, SHORTEST, USUAL};
pub use self::scheduler::{Asked, Config, Happened, Lateness, Schedule, Scheduler};
pub use self::state::{Change, Damping, Standing, State};
pub use self::watched::Watched;
