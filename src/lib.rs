//! connprobe attempts a real login with every stored connection, and says which work and why the
//! others do not.
//!
//! The layers, each of which knows only those before it: [`model`], [`net`] and [`report`],
//! [`driver`], [`engine`], [`source`], [`cli`]. A run from a program of your own:
//!

pub mod driver;
pub mod engine;
pub mod model;
pub mod net;
pub mod report;
