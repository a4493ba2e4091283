//! The normative table: a server's code → class, message, hint and explanation, one file a driver.
//!
//! Owns the words of every refusal that a server can express by a code. Codes that need more than
//! the code to be classed (PostgreSQL's 28000) are distinguished by their driver and stand here under
//! `CODE/routine`; those whose meaning hangs on the server's text, by `refinement`.

mod extras;
mod mongodb;
mod mssql;
mod mssql_unavailable;
mod mysql;
mod order;
mod postgres;
mod refined;
pub mod refinement;
mod s3;
pub mod s3_others;
mod spoken;
mod table;

pub use self::order::{CheckedCredential, checked, source};
pub use self::spoken::Spoken;
pub use self::table::{CodeEntry, Context, Named, TABLES, failure, is_known, lookup, refusal, row};
