//! `--format nagios`: the line, the performance data and the long text of a plugin of Nagios, Icinga and their kin, and
//! the state that its exit status stands for.

#[expect(clippy::module_inception, reason = "the report that gives the module its name has a file of its own")]
mod nagios;
mod range;
mod state;

pub use self::nagios::{Nagios, unknown};
pub use self::range::Range;
pub use self::state::{Demands, State, Tally};
