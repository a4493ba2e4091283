//! `TlsHandshake`: the one TLS handshake of a login, whenever its protocol starts it: with the first byte, or after a go-ahead. Owns
//! what the run demands of the handshake, what is learnt from it, and how well the stream is protected afterwards. Must not
//! know a protocol: who asks for TLS, and what a broken handshake means to a product, is the driver's.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::driver::Attempt;
use crate::driver::attempt::Protection;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::result::Address;
use crate::net::tls::{ClientIdentity, Roots, TlsClient, TlsSettings, TlsStream, Verification, Versions};

/// Both directions of a connection.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// The TLS that a definition asks for.
pub struct TlsRequest {
    /// How much of the server's certificate is checked. The run may demand more.
    pub verification: Verification,
    /// Which authorities are trusted.
    pub roots: Roots,
    /// Who the client is.
    pub identity: Option<ClientIdentity>,
    /// The host name or address that the certificate must be valid for.
    pub server_name: String,
    /// The protocols to offer, as `postgresql`.
    pub alpn: Vec<Vec<u8>>,
    /// Which versions of TLS are spoken.
    pub versions: Versions,
}

/// One handshake with the server at an address.
pub struct TlsHandshake<'a> {
    attempt: &'a Attempt,
    client: TlsClient,
    verification: Verification,
}

impl<'a> TlsHandshake<'a> {
    /// Prepares the handshake. Nothing is sent.
    ///
    /// # Errors
    ///
    /// `definition` for certificates or keys that cannot be used, `local` where the system has no trust store.
    pub fn prepare(attempt: &'a Attempt, address: &Address, request: TlsRequest) -> Result<Self, Failure> {
        let TlsRequest { verification, roots, identity, server_name, alpn, versions } = request;
        let verification = attempt.verification(verification, address);
        let settings = TlsSettings { verification, roots, identity, server_name, alpn };
        let client = attempt.network.trust().client_speaking(settings, versions)?;
        Ok(Self { attempt, client, verification })
    }

    /// Shakes hands over `stream`, in the phase of that name.
    ///
    /// # Errors
    ///
    /// Whatever stopped it, for [`crate::net::fault::classify`].
    pub async fn run<S>(&self, stream: S) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        // Boxed: its state has 10 KiB, in each future that awaits it.
        let shaken = self.attempt.phase(Phase::Tls, Box::pin(self.client.handshake(stream))).await;
        self.attempt.learn(|facts| facts.tls = Some(self.client.facts()));
        shaken
    }

    /// How well the stream is protected after the handshake.
    #[must_use]
    pub fn protection(&self) -> Protection {
        Protection::by(self.verification)
    }

    /// How much of the server's certificate is checked.
    #[must_use]
    pub fn verification(&self) -> Verification {
        self.verification
    }

    /// What a proof of the server can be bound to (RFC 5929, `tls-server-end-point`).
    #[must_use]
    pub fn end_point(&self) -> Option<Vec<u8>> {
        self.client.end_point()
    }

    /// Whether the server has asked for a client certificate.
    #[must_use]
    pub fn was_asked_for_certificate(&self) -> bool {
        self.client.was_asked_for_certificate()
    }
}
