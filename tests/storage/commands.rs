//! The commands on real servers: no account is locked, in whatever spelling, circumstances and rows it stands.

mod circumstances;
mod locking;
mod real_servers;
mod spellings;
