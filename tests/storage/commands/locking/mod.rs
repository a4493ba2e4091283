//! Accounts on real servers: none is locked, whatever runs, and what has changed there is noticed in the next run.

mod cron;
mod noticed;
mod own;
pub mod servers;
mod unasked;
