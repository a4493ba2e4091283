//! Connecting: TCP with happy eyeballs, and unix sockets.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Instant;

use super::guard::{Guarded, Tap};
use crate::model::failure::Failure;
use crate::model::result::Address;

/// Where to connect to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// A host name or literal address, and a port.
    Tcp {
        /// As in the definition.
        host: String,
        /// 1 to 65535.
        port: u16,
    },
    /// A unix socket.
    Unix(PathBuf),
}

/// A connected, guarded stream.
pub struct Wire {
    /// What the protocol speaks through.
    pub stream: Guarded<Socket>,
    /// What it is connected to.
    pub address: Address,
    /// What was seen on it; outlives the stream.
    pub tap: Tap,
}

/// A TCP or unix stream.
#[derive(Debug)]
pub enum Socket {
    /// TCP, without Nagle's delay.
    Tcp(tokio::net::TcpStream),
    /// Unix.
    Unix(tokio::net::UnixStream),
}

pub(super) async fn connect(_endpoint: &Endpoint, _addresses: &[IpAddr], _deadline: Instant) -> Result<Wire, Failure> {
    todo!()
}
