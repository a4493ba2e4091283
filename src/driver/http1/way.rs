//! The way to a place: a guarded connection, encrypted where the place asks for it. The seam where
//! tests put a scripted peer; no definition and no option can.

use async_trait::async_trait;
use tokio::io::{AsyncRead, AsyncWrite};

use super::Place;
use crate::driver::Attempt;
use crate::driver::attempt::Channel;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::Dialogue;
use crate::model::result::Address;
use crate::net::fault;
use crate::net::guard::Tap;
use crate::net::sniff::{self, Protocol};
use crate::net::tls::{Roots, TlsSettings, Verification};

/// A duplex stream.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A way to a place, open.
pub struct Way {
    /// Above TLS.
    pub stream: Box<dyn Stream>,
    /// What was seen on the wire.
    pub tap: Tap,
    /// What it leads to.
    pub address: Address,
    /// How well it is protected.
    pub channel: Channel,
}

/// Opens ways: over the network, or to a scripted peer in tests.
#[async_trait]
pub trait Opener: Send + Sync {
    /// Resolves, connects and encrypts.
    async fn open(&self, place: &Place) -> Result<Way, Failure>;
}

/// The network, through the guarded wire.
pub struct Outward {
    /// Which attempt it belongs to.
    pub attempt: Attempt,
    /// How much of the server's certificate is checked where the place asks for TLS; what the run
    /// demands may raise it.
    pub verification: Verification,
    /// Whom to trust.
    pub roots: Roots,
    /// What to do about a server that speaks plain HTTP where TLS was meant.
    pub plain_hint: &'static str,
}

#[async_trait]
impl Opener for Outward {
    async fn open(&self, place: &Place) -> Result<Way, Failure> {
        let wire = self.attempt.dial(&place.endpoint()).await?;
        let (tap, address) = (wire.tap, wire.address);
        if !place.tls {
            return Ok(Way { stream: Box::new(wire.stream), tap, address, channel: Channel::Plain });
        }
        let verification = self.attempt.verification(self.verification, &address);
        let client = self.attempt.network.trust().client(TlsSettings {
            verification,
            roots: self.roots.clone(),
            identity: None,
            server_name: place.host.clone(),
            alpn: vec![b"http/1.1".to_vec()],
        })?;
        let shaken = self.attempt.phase(Phase::Tls, client.handshake(wire.stream)).await;
        self.attempt.learn(|facts| facts.tls = Some(client.facts()));
        let stream = shaken.map_err(|error| match sniff::recognise(&tap.first_bytes()) {
            Some(Protocol::Http) => Failure::of(Dialogue::PlainHttp { hint: self.plain_hint }),
            _ => fault::classify(&error, &tap, Protocol::Tls),
        })?;
        let channel = if verification == Verification::Full { Channel::Verified } else { Channel::Unverified };
        Ok(Way { stream: Box::new(stream), tap, address, channel })
    }
}
