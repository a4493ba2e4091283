//! Relays for the crates that take no stream: the crate connects to us on this machine, and we
//! speak to the server through the guarded wire, seeing every byte.

use std::future::Future;
use std::path::Path;

use tokio::io::{AsyncRead, AsyncWrite};

use super::dial::Wire;

/// Sees what passes, and may stop it. A stop closes both sides; the crate sees a closed connection,
/// and the driver asks the inspector why.
pub trait Inspect: Send + 'static {
    /// Bytes from the server, before the crate sees them.
    ///
    /// # Errors
    ///
    /// What is wrong with them; nothing more passes.
    fn from_server(&mut self, bytes: &[u8]) -> Result<(), Stop>;

    /// Bytes from the crate, before the server sees them.
    ///
    /// # Errors
    ///
    /// Why they must not leave; nothing more passes.
    fn from_client(&mut self, bytes: &[u8]) -> Result<(), Stop>;
}

/// Why a relay was stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop(pub crate::model::failure::Failure);

/// A running relay; dropping it ends it.
pub struct Relay;

impl Relay {
    /// Relays one connection to a free loopback port (MySQL).
    ///
    /// # Errors
    ///
    /// When no port can be had.
    pub async fn loopback(_wire: Wire, _inspect: impl Inspect) -> std::io::Result<Self> {
        todo!()
    }

    /// Relays every connection that the crate makes to a unix socket in a directory of its own, mode
    /// 0700 (MongoDB); `open` makes the connection to the server and its inspector.
    ///
    /// # Errors
    ///
    /// When the socket cannot be made.
    pub async fn unix<S, I, F, Fut>(_open: F) -> std::io::Result<Self>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
        I: Inspect,
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Option<(S, I)>> + Send,
    {
        todo!()
    }

    /// The loopback port.
    #[must_use]
    pub fn port(&self) -> u16 {
        todo!()
    }

    /// The unix socket.
    #[must_use]
    pub fn path(&self) -> &Path {
        todo!()
    }

    /// Why the inspector stopped it, if it did.
    #[must_use]
    pub fn stopped(&self) -> Option<Stop> {
        todo!()
    }
}
