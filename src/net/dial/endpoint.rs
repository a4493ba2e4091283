//! `Endpoint`: where to connect to.

use std::path::PathBuf;

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
