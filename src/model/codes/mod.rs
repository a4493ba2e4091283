//! What a server's code means: class, message, hint and explanation, as typed rows that each driver fills.
//!
//! Owns the types, and how a refusal becomes a failure. Must not know a driver: the rows stand in `driver/NAME/codes`. A code
//! that needs more than itself to be classed (PostgreSQL's 28000) is distinguished by its driver and stands under
//! `CODE/routine`; what hangs on the server's text stands in a [`refinement`].

mod checked;
mod entry;
pub mod refinement;
mod spoken;
mod table;

pub use self::checked::{Checked, CheckedCredential};
pub(crate) use self::entry::joined;
pub use self::entry::{CodeEntry, Context, Named};
pub use self::spoken::{Form, Spoken};
pub use self::table::{CodeTable, Other};
