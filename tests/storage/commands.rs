//! The commands with real servers: no account is locked, in whatever spelling, circumstances and rows it appears.

mod circumstances;
mod locking;
mod real_servers;
mod spellings;
