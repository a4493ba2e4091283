//! The store in the schema `connprobe` of a PostgreSQL server, for teams.
//!
//! Each transaction is a session of its own, over the same guarded wire as a probe: nothing stays
//! open between them, and each is over in time. Writers wait for each other, as those of a file do.

mod migrate;
mod server;

pub(super) use self::server::Postgres;
