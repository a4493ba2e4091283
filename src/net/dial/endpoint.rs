//! `Endpoint`: the target of a connection.

use std::path::PathBuf;

/// The target of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// A host name or literal address, and a port.
    Tcp {
        /// As written in the definition.
        host: String,
        /// 1 to 65535.
        port: u16,
    },
    /// A unix socket.
    Unix(PathBuf),
}
