//! connprobe attempts a real login with every stored connection.

#![forbid(unsafe_code)]

pub mod driver;
pub mod model;
pub mod net;
pub mod engine;
