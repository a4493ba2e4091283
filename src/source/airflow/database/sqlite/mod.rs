//! Reads the table from a SQLite file, which may be anything: it is opened to be read only, is never
//! made, and none of its schema is trusted.
//!
//! Nothing is written beside it either, where that can be helped: SQLite makes two files beside a
//! database in WAL mode even to read it. One that nobody has open is read as it lies, without locks,
//! and again in the usual way should it have changed meanwhile.

mod complaint;
mod file;
mod reader;

pub(super) use self::reader::read;
