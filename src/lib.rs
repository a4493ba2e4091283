//! connprobe attempts a real login with every stored connection, and says which work and why the
//! others do not.
//!
//! The layers, each of which knows only those before it: [`model`], [`net`] and [`report`],
//! [`driver`], [`engine`], [`sql`], [`store`], [`source`], [`cli`]. A run from a program of your own:
//!
//! ```no_run
//! use connprobe::engine::{self, Job, Settings};
//! use connprobe::model::event::Event;
//! use connprobe::source;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let loaded = source::load(&"connections.json".parse()?, &source::Settings::default())?;
//! for event in engine::run(Job::new(loaded.connections, Settings::default()))?.events {
//!     if let Event::Result(result) = event {
//!         println!("{:?} {}", result.conn_id, result.status.as_str());
//!     }
//! }
//! # Ok(())
//! # }
//! ```

#![warn(missing_docs)]
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::print_stderr))]

pub mod cli;
mod clock;
pub mod driver;
pub mod engine;
#[cfg(any(fuzzing, test))]
pub mod fuzzing;
pub mod model;
pub mod net;
pub mod report;
pub mod source;
pub mod sql;
pub mod store;
mod threads;
