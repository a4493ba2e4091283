//! Turns cells into results: the binary checks definitions that lead to peers, as a user would run it, and is timed
//! from outside.

mod instant;
pub mod kernel;
mod process;
mod set;
mod starvation;
mod verdict;

use self::instant::instant_of;
pub use self::process::{Limits, binary, is_release};
pub use self::set::Set;
pub use self::verdict::{Verdict, run, wrong};
