//! `Connector`: opens a guarded connection to an origin, with TLS where its scheme is `https`. Only tests can put a
//! scripted peer in its place; no definition and no option can.

use std::sync::Arc;

use async_trait::async_trait;

use super::Origin;
use crate::driver::Attempt;
use crate::driver::kit::wire::Channel;
use crate::driver::registry::protocols;
use crate::model::failure::Failure;
use crate::model::reason::Dialogue;
use crate::model::secret::Secret;
use crate::net::fault;
use crate::net::sniff::{self, Protocol};

use crate::net::tls::{ClientIdentity, Roots, TlsSettings, Verification};

/// TLS, distinguished from all other protocols.
static TLS: Protocol = sniff::TLS.among(protocols);

/// The likely cause of silence where TLS was meant: a server of another protocol waits for the rest of what it takes
/// for a message.
const SILENT: &str = "the server may be overloaded or stopped, or speak no TLS on this port and wait for more: check the port, and write the address with `http://` where the server has no TLS";

/// Opens connections: over the network, or to a scripted peer in tests.
#[async_trait]
pub trait Connector: Send + Sync {
    /// Resolves, connects and performs the TLS handshake.
    async fn open(&self, origin: &Origin) -> Result<Channel, Failure>;
}

/// The network.
pub struct NetworkConnector {
    /// The attempt that it belongs to.
    pub attempt: Attempt,
    /// How much of the server's certificate is checked where the origin asks for TLS; the run may require more.
    pub verification: Verification,
    /// The trusted authorities.
    pub roots: Roots,
    /// The client certificate for a server that requests one: one PEM text, with the key in it.
    pub certificate: Option<Arc<Secret>>,
    /// The hint for a server that speaks plain HTTP where TLS was meant.
    pub plain_hint: &'static str,
}

#[async_trait]
impl Connector for NetworkConnector {
    async fn open(&self, origin: &Origin) -> Result<Channel, Failure> {
        let tls = origin.tls.then(|| TlsSettings {
            identity: self.certificate.as_ref().map(|pem| ClientIdentity {
                certificates: Secret::new(pem.expose().to_owned()),
                key: Secret::new(pem.expose().to_owned()),
            }),
            alpn: vec![b"http/1.1".to_vec()],
            ..TlsSettings::new(self.verification, self.roots.clone(), &origin.host)
        });
        if tls.is_some() {
            self.attempt.if_silent(SILENT);
        }
        Channel::open(&self.attempt, &origin.endpoint(), tls, |error, tap| match TLS.answering(&tap.first_bytes()) {
            Some(answering) if *answering == sniff::HTTP => Failure::of(Dialogue::PlainHttp { hint: self.plain_hint }),
            _ => fault::classify(error, tap, &TLS),
        })
        .await
    }
}
