//! connprobe attempts a real login with every stored connection, and reports which ones work and why the others do not.
//!
//! A single login, from your own program, in any asynchronous runtime:
//!
//! ```no_run
//! use connprobe::{CheckOptions, Connection, check_one};
//!
//! # async fn one() -> std::io::Result<()> {
//! let connection = Connection::builder("postgres").host("db.example").login("etl").password("secret").build();
//! let result = check_one(&connection, &CheckOptions::default()).await?;
//! match result.failure {
//!     None => println!("it works"),
//!     Some(failure) => println!("{}: {}", failure.class.as_str(), failure.message),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! [`check`] does the same for many connections, as a stream. An [`Engine`] offers more: events, a summary, and an end
//! at any time. It runs many jobs, which share the permits and the turns of accounts. A thread that may block can read
//! the events as an iterator:
//!
//! ```no_run
//! use connprobe::engine::{Engine, EngineConfig, Job, Settings};
//! use connprobe::model::event::Event;
//! use connprobe::source;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let runtime = tokio::runtime::Runtime::new()?;
//! let source = "connections.json".parse()?;
//! let loaded = runtime.block_on(source::load(&source, &source::Settings::default().into()))?;
//! let engine = Engine::new(EngineConfig::default())?;
//! for event in engine.run(Job::new(loaded.connections, Settings::default()))?.events {
//!     if let Event::Result(result) = event {
//!         println!("{:?} {}", result.conn_id, result.status.as_str());
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! [`source::load`] and the calls of [`store::Store`] are asynchronous: your runtime drives them, and needs I/O and time.
//! They read files and SQLite on threads of their own, so they hold no other task of the runtime.
//!
//! [`Registry::with`] adds your own driver to the built-in ones; `examples/own_driver.rs` is a complete one.
//!
//! The layers, each of which depends only on those before it: [`model`], [`net`] and [`report`], [`driver`],
//! [`engine`], [`schedule`], [`sql`], [`store`], [`source`], `cli` (with the cargo feature of that name, which is on by default).

#![warn(missing_docs)]
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::print_stderr))]
#![cfg_attr(
    not(feature = "all"),
    expect(dead_code, reason = "some shared code serves only drivers and sources that are not built in")
)]

mod beside;
#[cfg(feature = "cli")]
pub mod cli;
mod clock;
pub mod driver;
pub mod engine;
#[cfg(any(fuzzing, test))]
pub mod fuzzing;
#[cfg(feature = "serve")]
pub mod history;
pub mod model;
pub mod net;
pub mod report;
pub mod schedule;
pub mod source;
pub mod sql;
pub mod store;
mod threads;

pub use self::driver::Registry;
pub use self::engine::{CheckOptions, Engine, EngineConfig, check, check_one};
pub use self::model::connection::Connection;
pub use self::model::result::CheckResult;
