//! Reads the table `connection` of a metadata database, whichever of the three kinds it is in.
//!
//! One transaction that can only read, over before anything is probed. Servers are asked by the same
//! drivers over the same guarded wire as a probe, so that what goes wrong has the same words.

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
