//! The matrix: faults × drivers, each cell with the result that it must have, written down before
//! any run. What the kit meets at a seam is here, what a driver alone can meet in its folder.

mod banners;
mod cell;
mod chapters;
mod dialogue;
mod dns;
mod expected;
mod fault;
mod network;
mod own;
mod seam;
mod tls;

pub use self::cell::{Cell, SILENT, Target};
pub use self::chapters::{Chapter, REFUSALS, chapters};
pub use self::expected::{Expected, OK, Pace, fast, late};
pub use self::fault::Fault;
pub use self::own::{Otherwise, Own, drivers, owned};
pub use self::seam::{ENOUGH, Seam, example, other_example};
