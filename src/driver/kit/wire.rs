//! `TlsHandshake`: the one TLS handshake of a login, whether its protocol starts it with the first byte or after an
//! agreement. Owns the run's requirements for the handshake, the facts learnt from it, and how well the stream is
//! protected afterwards. `Channel`: a stream that is encrypted from the first byte, or never. Must not depend on a
//! protocol: how TLS is negotiated, and what a failed handshake means for a product, belongs to the driver.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::time::timeout;

use crate::driver::Attempt;
use crate::driver::attempt::Protection;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::result::Address;
use crate::net::dial::{Endpoint, Wire};
use crate::net::guard::Tap;
use crate::net::sniff::TELLING;
use crate::net::tls::{TlsClient, TlsSettings, TlsStream, Verification};

/// How long connprobe reads from a peer before it disconnects from it.
const LISTEN: Duration = Duration::from_millis(100);

/// Both directions of a connection.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A stream to a server, ready for a login.
pub struct Channel {
    /// The data inside TLS, if TLS is used.
    pub stream: Box<dyn Stream>,
    /// What was seen on the wire.
    pub tap: Tap,
    /// The address of the other end.
    pub address: Address,
    /// How well it is protected.
    pub protection: Protection,
}

impl Channel {
    /// Resolves and connects, and if `tls` is given performs a handshake with the first byte, in the phases of those
    /// names. `broken` turns the error of a handshake into a failure.
    ///
    /// # Errors
    ///
    /// Those of [`Attempt::dial`] and [`TlsHandshake::prepare`], and the result of `broken` for a failed handshake.
    pub async fn open(
        attempt: &Attempt,
        endpoint: &Endpoint,
        tls: Option<TlsSettings>,
        broken: impl FnOnce(&io::Error, &Tap) -> Failure,
    ) -> Result<Self, Failure> {
        let Wire { mut stream, address, tap } = attempt.dial(endpoint).await?;
        let Some(settings) = tls else {
            return Ok(Self { stream: Box::new(stream), tap, address, protection: Protection::Plain });
        };
        let handshake = match TlsHandshake::prepare(attempt, &address, settings) {
            Ok(handshake) => handshake,
            Err(failure) => {
                hear_out(&mut stream, &tap).await;
                return Err(failure);
            }
        };
        let stream = handshake.run(stream).await.map_err(|error| broken(&error, &tap))?;
        Ok(Self { stream: Box::new(stream), tap, address, protection: handshake.protection() })
    }
}

/// Reads what the peer of `stream` sends unasked, unless its first bytes are known already. Call it before
/// disconnecting for a reason on this side. Some servers count disconnected clients and block this machine; only their
/// greeting identifies them.
pub async fn hear_out(stream: &mut (impl AsyncRead + Unpin), tap: &Tap) {
    let listening = async {
        let mut said = [0; 64];
        while tap.first_bytes().len() < TELLING && stream.read(&mut said).await.is_ok_and(|read| read > 0) {}
    };
    // A greeting comes in one piece: once a part has arrived, so has the rest.
    let patience = if tap.received() == 0 { LISTEN } else { Duration::ZERO };
    let _heard = timeout(patience, listening).await;
}

/// One handshake with the server at an address.
pub struct TlsHandshake<'a> {
    attempt: &'a Attempt,
    client: TlsClient,
    verification: Verification,
}

impl<'a> TlsHandshake<'a> {
    /// Prepares the handshake that the definition asks for; the run may require that more of the server's certificate
    /// is checked. Nothing is sent.
    ///
    /// # Errors
    ///
    /// `definition` for certificates or keys that cannot be used, `local` where the system has no trust store.
    pub fn prepare(attempt: &'a Attempt, address: &Address, settings: TlsSettings) -> Result<Self, Failure> {
        let verification = attempt.verification(settings.verification, address);
        let client = attempt.network.trust().client(TlsSettings { verification, ..settings })?;
        Ok(Self { attempt, client, verification })
    }

    /// Performs the handshake over `stream`, in the phase of that name.
    ///
    /// # Errors
    ///
    /// Whatever stopped it, for [`crate::net::fault::classify`].
    pub async fn run<S>(&self, stream: S) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        // Boxed: its state takes 10 KiB, in each future that awaits it.
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

    /// The certificate's hash for channel binding (RFC 5929, `tls-server-end-point`).
    #[must_use]
    pub fn end_point(&self) -> Option<Vec<u8>> {
        self.client.end_point()
    }

    /// Whether the server has requested a client certificate.
    #[must_use]
    pub fn was_asked_for_certificate(&self) -> bool {
        self.client.was_asked_for_certificate()
    }
}
