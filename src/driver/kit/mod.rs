//! The kit: what several drivers use, each part once. Owns how a stream is opened, encrypted and read within bounds.
//! Must not depend on a product or a driver: the dialogue over a stream belongs to the driver.

pub mod hosts;
pub mod http;
pub mod lines;
pub mod refusal_text;
pub mod sasl;
pub mod tls_options;
pub mod wire;

/// The name that connprobe gives servers for itself.
pub const CLIENT_NAME: &str = concat!("connprobe/", env!("CARGO_PKG_VERSION"));
