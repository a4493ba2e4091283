//! Tests of the commands with real servers: no account is locked, whatever its spellings, circumstances and rows.

mod circumstances;
mod locking;
mod real_servers;
mod spellings;
