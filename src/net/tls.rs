//! TLS for every driver that lets us do it: one verifier, one trust store, and the chain kept as
//! facts whether or not the handshake succeeds.

use crate::model::facts::TlsFacts;
use crate::model::failure::Failure;
use crate::model::secret::Secret;

/// How much of the server's certificate is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verification {
    /// Nothing: encrypted only.
    None,
    /// The chain, not the name.
    Chain,
    /// Chain and name.
    Full,
}

/// Which authorities are trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Roots {
    /// The system's store, loaded once a process.
    System,
    /// These PEM certificates and no others.
    Pem(Vec<u8>),
}

/// A client certificate with its key, both PEM.
pub struct ClientIdentity {
    /// The certificate, with its intermediates.
    pub certificates: Secret,
    /// The key, unencrypted.
    pub key: Secret,
}

/// What one handshake is to be.
pub struct TlsSettings {
    /// How much is checked.
    pub verification: Verification,
    /// Whom we trust.
    pub roots: Roots,
    /// Who we are.
    pub identity: Option<ClientIdentity>,
    /// The host name or address that the certificate must be valid for; also sent as SNI when a name.
    pub server_name: String,
    /// Protocols to offer, as `postgresql`.
    pub alpn: Vec<Vec<u8>>,
}

/// The system's trust store, loaded when first needed.
pub struct TrustStore;

impl TrustStore {
    pub(super) fn new() -> Self {
        Self
    }

    /// Makes a client for one handshake.
    ///
    /// # Errors
    ///
    /// `definition` for certificates or keys that cannot be used, `local` for an empty system store
    /// when it is needed.
    pub fn client(&self, _settings: TlsSettings) -> Result<TlsClient, Failure> {
        todo!()
    }
}

/// One handshake, and what it taught.
pub struct TlsClient;

/// An encrypted stream.
pub type TlsStream<S> = tokio_rustls::client::TlsStream<S>;

impl TlsClient {
    /// Shakes hands over `stream`. A `std::io::Error` that wraps a `rustls::Error` is what
    /// [`super::fault::classify`] reads.
    ///
    /// # Errors
    ///
    /// Whatever stopped it.
    pub async fn handshake<S>(&self, _stream: S) -> std::io::Result<TlsStream<S>>
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    {
        todo!()
    }

    /// What was learnt so far: the chain as soon as the server presented it, the rest after the handshake.
    #[must_use]
    pub fn facts(&self) -> TlsFacts {
        todo!()
    }

    /// The plain rustls configuration, for a crate that does the handshake itself.
    #[must_use]
    pub fn config(&self) -> std::sync::Arc<rustls::ClientConfig> {
        todo!()
    }

    /// The hash of the server's certificate for `tls-server-end-point` (RFC 5929); `None` before the
    /// handshake or for a signature algorithm without a defined hash.
    #[must_use]
    pub fn end_point(&self) -> Option<Vec<u8>> {
        todo!()
    }
}
