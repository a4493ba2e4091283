//! `Connector`: opens a guarded connection to an origin, encrypted where its scheme is `https`. The seam where tests put a
//! scripted peer; no definition and no option can.

use std::sync::Arc;

use async_trait::async_trait;

use super::Origin;
use crate::driver::Attempt;
use crate::driver::attempt::Protection;
use crate::driver::kit::wire::{Stream, TlsHandshake, TlsRequest};
use crate::model::failure::Failure;
use crate::model::reason::Dialogue;
use crate::model::result::Address;
use crate::model::secret::Secret;
use crate::net::dial::Wire;
use crate::net::fault;
use crate::net::guard::Tap;
use crate::net::sniff::{self, Protocol};
use crate::net::tls::{ClientIdentity, Roots, Verification, Versions};

/// What a server does that speaks another protocol where TLS was meant: it waits for the rest of what it takes for a message.
const SILENT: &str = "the server may be overloaded or stopped, or speak no TLS on this port and wait for more: check the port, and write the address with `http://` where the server has no TLS";

/// An open connection to an origin.
pub struct Opened {
    /// Above TLS, where the origin asks for it.
    pub stream: Box<dyn Stream>,
    /// What was seen on the wire.
    pub tap: Tap,
    /// The address of the other end.
    pub address: Address,
    /// How well it is protected.
    pub protection: Protection,
}

/// Opens connections: over the network, or to a scripted peer in tests.
#[async_trait]
pub trait Connector: Send + Sync {
    /// Resolves, connects and encrypts.
    async fn open(&self, origin: &Origin) -> Result<Opened, Failure>;
}

/// The network.
pub struct NetworkConnector {
    /// Which attempt it belongs to.
    pub attempt: Attempt,
    /// How much of the server's certificate is checked where the origin asks for TLS; the run may demand more.
    pub verification: Verification,
    /// Which authorities are trusted.
    pub roots: Roots,
    /// What is shown to a server that wants a certificate: one PEM text, with the key in it.
    pub certificate: Option<Arc<Secret>>,
    /// What to do about a server that speaks plain HTTP where TLS was meant.
    pub plain_hint: &'static str,
}

#[async_trait]
impl Connector for NetworkConnector {
    async fn open(&self, origin: &Origin) -> Result<Opened, Failure> {
        let Wire { stream, address, tap } = self.attempt.dial(&origin.endpoint()).await?;
        if !origin.tls {
            return Ok(Opened { stream: Box::new(stream), tap, address, protection: Protection::Plain });
        }
        let request = TlsRequest {
            verification: self.verification,
            roots: self.roots.clone(),
            identity: self.certificate.as_ref().map(|pem| ClientIdentity {
                certificates: Secret::new(pem.expose().to_owned()),
                key: Secret::new(pem.expose().to_owned()),
            }),
            server_name: origin.host.clone(),
            alpn: vec![b"http/1.1".to_vec()],
            versions: Versions::Both,
        };
        let tls = TlsHandshake::prepare(&self.attempt, &address, request)?;
        self.attempt.if_silent(SILENT);
        let stream = tls.run(stream).await.map_err(|error| match sniff::recognise(&tap.first_bytes()) {
            Some(Protocol::Http) => Failure::of(Dialogue::PlainHttp { hint: self.plain_hint }),
            _ => fault::classify(&error, &tap, Protocol::Http),
        })?;
        Ok(Opened { stream: Box::new(stream), tap, address, protection: tls.protection() })
    }
}
