//! The store in the schema `connprobe` of a PostgreSQL server, for teams.
//!
//! Each transaction has a session of its own, over the same guarded wire as a probe: no session stays open between
//! transactions, and each has a time limit. Writers wait for each other, as they do for a file.

mod migrate;
mod server;

pub(super) use self::server::Postgres;
