//! Accounts on real servers: none is locked, whatever connprobe runs, and the next run notices changes at the server.

mod cron;
mod noticed;
mod own;
pub mod servers;
mod unasked;
