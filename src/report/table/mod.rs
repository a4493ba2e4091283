//! `--format table`: for people. A row for each result, then each cause once with its hint, then a line for each kind
//! of warning, then the counts. Readable without colour, in 80 columns.

mod causes;
pub(super) mod layout;
mod lines;
mod progress;
mod row;
mod warnings;

pub(super) use self::causes::write as write_causes;
pub use self::layout::Style;
pub use self::lines::Table;
pub(super) use self::lines::totals;
pub use self::progress::Progress;
pub(super) use self::row::label;
