//! Cells → results: definitions that lead to peers, checked by the binary as a user runs it, and
//! clocked from outside of it.

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
