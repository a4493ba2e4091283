//! Connecting: TCP with happy eyeballs, and unix sockets.
//!
//! Packets are sent only to addresses that `egress` allows. An address that does not answer costs a quarter of a
//! second, not the whole deadline.

mod connect;
mod endpoint;
mod socket;
mod unconnected;

pub(super) use self::connect::connect;
pub use self::endpoint::Endpoint;
pub use self::socket::{Socket, Wire};
