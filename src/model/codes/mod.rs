//! The meaning of server codes: class, message, hint and explanation, in typed rows that each driver supplies.
//!
//! Owns the types, and the conversion of a refusal to a failure. Must not depend on a driver: the rows are in
//! `driver/NAME/codes`. If a code alone does not determine the class (PostgreSQL's 28000), its driver looks up the row
//! `CODE/routine`. Meanings that depend on the server's text are in a [`refinement`].

mod checked;
mod entry;
mod failure;
pub mod refinement;
mod spoken;
mod table;

pub use self::checked::{Checked, CheckedCredential};
pub(crate) use self::entry::joined;
pub use self::entry::{CodeEntry, Context, Named};
pub use self::spoken::{Form, Spoken};
pub use self::table::{CodeTable, Other};
