//! The matrix: faults × drivers. Each cell has its expected result, which is written down before any run. Faults that
//! shared code handles (at a seam) are here; a driver's own faults are in the driver's folder.

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
