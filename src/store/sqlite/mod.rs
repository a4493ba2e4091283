//! The store in a file of SQLite's.
//!
//! One writer at a time, which holds the lock from before it reads (`BEGIN IMMEDIATE`); what is
//! committed is on disk. Nothing that a file brings along is run: no trigger, view or extension.

mod copy;
mod file;
mod migrate;

pub(super) use self::file::Sqlite;
