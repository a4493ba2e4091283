//! The store as a library user meets it: in a file, and on a PostgreSQL server.
//!
//! The server is started by `make test`; without it the tests that need it fail and say so.

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
