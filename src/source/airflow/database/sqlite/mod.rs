//! Reads the table from a SQLite file, whose content may be anything: the file is opened read-only and never created, and its
//! schema is not trusted.
//!
//! If possible, nothing is written beside it either: SQLite creates two files beside a database in WAL mode even to read it.
//! A database that no process has open is read without locks. If it has changed meanwhile, it is read again in the usual way.

mod complaint;
mod file;
mod reader;

pub(super) use self::reader::read;
