//! The store as a library, in a file and on a PostgreSQL server.
//!
//! `make test` starts the server. Without it the tests that need it fail with that reason.

mod bench;

mod backup;
mod bounds;
mod damage;
mod definitions;
mod integrity;
mod processes;
mod results;
mod secrets;
mod versions;
