//! The store as a library user meets it: in a file, and on a PostgreSQL server.
//!
//! The server is started by `make test`; without it the tests that need it fail and say so.

mod bench;

mod backup;
mod bounds;
mod damage;
mod definitions;
mod integrity;
#[path = "../support/postgres.rs"]
mod postgres;
mod processes;
mod results;
mod secrets;
#[expect(dead_code, reason = "not every test needs all that it tells")]
#[path = "../support/servers.rs"]
mod servers;
mod versions;
