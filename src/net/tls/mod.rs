//! TLS for every driver: one verifier and one trust store. The server's chain is kept as facts, whether or not the
//! handshake succeeds.

mod asked;
mod channel_binding;
mod client;
mod expiry;
mod fault;
mod pem;
mod system;
mod verifier;
#[cfg(test)]
pub(crate) mod version_1;

pub use self::client::{
    ClientIdentity, HandshakeEnded, Roots, TlsClient, TlsSettings, TlsStream, TrustStore, Verification, Versions,
};
pub use self::fault::tls_failure;
pub use self::pem::{Part, is_encrypted, part_at_fault};
