//! `TlsClient`: the settings of one handshake, the handshake itself, and its facts.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::ServerName;
use rustls::version::{TLS12, TLS13};
use rustls::{ALL_VERSIONS, ClientConfig, ClientConnection, ProtocolVersion, RootCertStore, SupportedProtocolVersion};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::asked::Asked;
use super::verifier::{Anchors, Presented, Verifier, outdated};
use super::{channel_binding, pem, system};
use crate::model::facts::TlsFacts;
use crate::model::failure::Failure;
use crate::model::reason::{Machine, Tls};
use crate::model::secret::Secret;
use crate::net::certificate;

/// How long to read from a peer that does not speak TLS, so that its protocol can be recognised.
const LISTEN: Duration = Duration::from_millis(100);

/// How much of the server's certificate is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verification {
    /// Nothing: the connection is only encrypted.
    None,
    /// The chain, not the name.
    Chain,
    /// Chain and name.
    Full,
}

/// The authorities that are trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Roots {
    /// The system's store.
    System,
    /// Only these PEM certificates.
    Pem(Vec<u8>),
}

/// A client certificate and its key, both PEM.
pub struct ClientIdentity {
    /// The certificate, followed by its intermediates.
    pub certificates: Secret,
    /// The unencrypted key.
    pub key: Secret,
}

/// The TLS versions to offer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Versions {
    /// 1.2 and 1.3.
    #[default]
    Both,
    /// 1.2.
    Only12,
    /// 1.3.
    Only13,
}

static ONLY_12: [&SupportedProtocolVersion; 1] = [&TLS12];
static ONLY_13: [&SupportedProtocolVersion; 1] = [&TLS13];

impl Versions {
    fn offered(self) -> &'static [&'static SupportedProtocolVersion] {
        match self {
            Self::Both => ALL_VERSIONS,
            Self::Only12 => &ONLY_12,
            Self::Only13 => &ONLY_13,
        }
    }
}

/// The settings of one handshake.
pub struct TlsSettings {
    /// How much of the server's certificate is checked.
    pub verification: Verification,
    /// The authorities that the client trusts.
    pub roots: Roots,
    /// The client certificate, if any.
    pub identity: Option<ClientIdentity>,
    /// The host name or address that the certificate must be valid for. A name is also sent as SNI.
    pub server_name: String,
    /// The ALPN protocols to offer, such as `postgresql`.
    pub alpn: Vec<Vec<u8>>,
    /// The TLS versions to offer.
    pub versions: Versions,
}

impl TlsSettings {
    /// A handshake with the server `server_name`, without a client certificate.
    #[must_use]
    pub fn new(verification: Verification, roots: Roots, server_name: &str) -> Self {
        let server_name = server_name.to_owned();
        Self { verification, roots, identity: None, server_name, alpn: Vec::new(), versions: Versions::Both }
    }
}

/// The system's trust store, read on first use, and again when its files have changed.
pub struct TrustStore(());

static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();

impl TrustStore {
    pub(in crate::net) fn new() -> Self {
        Self(())
    }

    /// Makes a client for one handshake.
    ///
    /// # Errors
    ///
    /// `definition` for certificates or keys that cannot be used, `local` when the system store is needed but empty.
    pub fn client(&self, settings: TlsSettings) -> Result<TlsClient, Failure> {
        let TlsSettings { verification, roots, identity, server_name, alpn, versions } = settings;
        let provider = PROVIDER.get_or_init(|| Arc::new(aws_lc_rs::default_provider()));
        let presented = Arc::<Presented>::default();
        let verifier = Verifier {
            verification,
            anchors: if verification == Verification::None { None } else { Some(anchors(roots)?) },
            algorithms: provider.signature_verification_algorithms,
            presented: Arc::clone(&presented),
        };
        let builder = ClientConfig::builder_with_provider(Arc::clone(provider))
            .with_protocol_versions(versions.offered())
            .map_err(|error| Failure::of(Machine::Bug { what: format!("TLS cannot be set up: {error}") }))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let mut config = match identity {
            None => builder.with_no_client_auth(),
            Some(identity) => {
                let (chain, key) = pem::identity(&identity)?;
                builder.with_client_auth_cert(chain, key).map_err(|error| pem::unusable_identity(&error))?
            }
        };
        config.alpn_protocols = alpn;
        let asked = Asked::new(Arc::clone(&config.client_auth_cert_resolver));
        config.client_auth_cert_resolver = Arc::<Asked>::clone(&asked);
        // Each client performs one handshake, and a resumed session would show no certificates.
        config.resumption = Resumption::disabled();
        Ok(TlsClient {
            config: Arc::new(config),
            server_name: name(&server_name, verification)?,
            verification,
            presented,
            asked,
            session: Mutex::default(),
        })
    }
}

fn anchors(roots: Roots) -> Result<Anchors, Failure> {
    match roots {
        Roots::System => Ok(Anchors { roots: system()?, pinned: Vec::new() }),
        Roots::Pem(pem) => pem::roots(&pem),
    }
}

/// The system's authorities.
fn system() -> Result<Arc<RootCertStore>, Failure> {
    let store = system::authorities();
    if store.is_empty() { Err(Failure::of(Tls::TrustStoreMissing)) } else { Ok(store) }
}

/// The name that the certificate must be valid for; only full verification requires a valid name.
fn name(server_name: &str, verification: Verification) -> Result<ServerName<'static>, Failure> {
    let bare = server_name.trim_start_matches('[').split([']', '%']).next().unwrap_or_default().trim_end_matches('.');
    match ServerName::try_from(bare.to_owned()) {
        Ok(name) => Ok(name),
        // An address is not sent as SNI, so it stands in for an unusable name.
        Err(_) if verification < Verification::Full => Ok(IpAddr::V4(Ipv4Addr::UNSPECIFIED).into()),
        Err(_) => Err(Failure::of(Tls::BadServerName { name: server_name.to_owned() })),
    }
}

/// One handshake, and its facts.
pub struct TlsClient {
    config: Arc<ClientConfig>,
    server_name: ServerName<'static>,
    verification: Verification,
    presented: Arc<Presented>,
    asked: Arc<Asked>,
    session: Mutex<Option<Session>>,
}

/// The negotiated parameters.
#[derive(Clone, Debug)]
struct Session {
    version: String,
    cipher: Option<String>,
}

/// An encrypted stream.
pub type TlsStream<S> = tokio_rustls::client::TlsStream<S>;

impl TlsClient {
    /// Performs the handshake over `stream`. [`crate::net::fault::classify`] reads the returned `std::io::Error`, which
    /// wraps a `rustls::Error`.
    ///
    /// # Errors
    ///
    /// Any error of the stream or of TLS.
    pub async fn handshake<S>(&self, stream: S) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let connector = TlsConnector::from(Arc::clone(&self.config));
        let shaken = connector.connect(self.server_name.clone(), stream).into_fallible().await;
        let stream = match shaken {
            Ok(stream) => stream,
            Err((error, mut stream)) => {
                if is_no_tls(&error) {
                    // Only to record more of the peer's first bytes, so that its protocol can be named.
                    let _heard = timeout(LISTEN, stream.read_exact(&mut [0; 32])).await;
                }
                return Err(HandshakeEnded::mark(error));
            }
        };
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = Some(Session::of(stream.get_ref().1));
        Ok(stream)
    }

    /// The facts known so far: the chain as soon as the server has presented it, the rest after the handshake.
    #[must_use]
    pub fn facts(&self) -> TlsFacts {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let presented = self.presented.lock().unwrap_or_else(PoisonError::into_inner);
        TlsFacts {
            verified: session.is_some() && self.verification == Verification::Full,
            version: session.as_ref().map(|session| session.version.clone()),
            cipher: session.and_then(|session| session.cipher),
            chain: presented.iter().map(|der| certificate::describe(der)).collect(),
        }
    }

    /// Whether the server has asked for a client certificate so far.
    #[must_use]
    pub fn was_asked_for_certificate(&self) -> bool {
        self.asked.was_asked()
    }

    /// The plain rustls configuration, for a crate that performs the handshake itself; the facts then contain only the
    /// chain.
    #[must_use]
    pub fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.config)
    }

    /// The hash of the server's certificate for `tls-server-end-point` (RFC 5929). `None` before the handshake, for a
    /// signature algorithm without a defined hash, or if the server could not prove that it holds the certificate's
    /// key.
    #[must_use]
    pub fn end_point(&self) -> Option<Vec<u8>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner).as_ref()?;
        let presented = self.presented.lock().unwrap_or_else(PoisonError::into_inner);
        presented
            .first()
            .filter(|certificate| !outdated(certificate))
            .and_then(|own| channel_binding::server_end_point(own))
    }
}

impl Session {
    fn of(connection: &ClientConnection) -> Self {
        let version = match connection.protocol_version() {
            Some(ProtocolVersion::TLSv1_3) => "TLSv1.3",
            _ => "TLSv1.2",
        };
        Self {
            version: version.to_owned(),
            cipher: connection.negotiated_cipher_suite().map(|suite| format!("{:?}", suite.suite())),
        }
    }
}

/// Whether the peer sent something other than TLS in the handshake.
fn is_no_tls(error: &io::Error) -> bool {
    let cause = error.get_ref().and_then(|payload| payload.downcast_ref());
    matches!(cause, Some(rustls::Error::InvalidMessage(_)))
}

/// The peer closed or reset the connection during the handshake. This is the payload of the `std::io::Error`, because
/// the kind alone does not tell when it happened.
#[derive(Debug, thiserror::Error)]
#[error("the connection ended during the TLS handshake")]
pub struct HandshakeEnded;

impl HandshakeEnded {
    fn mark(error: io::Error) -> io::Error {
        match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
                io::Error::new(error.kind(), Self)
            }
            _ => error,
        }
    }
}

#[cfg(test)]
mod tests;
