//! Reads the table `connection` of a metadata database, in a file of SQLite or on a server.
//!
//! It is read in one read-only transaction, before anything is probed. Servers are asked by the drivers of the probes, over
//! the same guarded wire, so errors have the same words.

mod aside;
mod read;
mod reading;
mod server;
mod sqlite;
mod table;
mod trouble;
mod url;

pub(super) use self::read::{label, read};
use self::trouble::Trouble;
