//! The kit: what drivers have in common, each part once. Owns how a stream is opened, encrypted and read within bounds;
//! must not know a product, and no driver: what is said over a stream is the driver's.

pub mod hosts;
pub mod http;
pub mod lines;
pub mod sasl;
pub mod tls_options;
pub mod wire;

/// How connprobe names itself to servers.
pub const CLIENT_NAME: &str = concat!("connprobe/", env!("CARGO_PKG_VERSION"));
