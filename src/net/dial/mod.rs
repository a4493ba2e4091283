//! Connecting: TCP with happy eyeballs, and unix sockets.
//!
//! Only addresses that `egress` allows see a packet. A dead address costs a quarter of a second,
//! not the deadline.

mod connect;
mod endpoint;
mod socket;
mod unconnected;

pub(super) use self::connect::connect;
pub use self::endpoint::Endpoint;
pub use self::socket::{Socket, Wire};
