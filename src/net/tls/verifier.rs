//! The only certificate verifier. It checks as much as the definition demands, and keeps the chain that the server
//! presented, whether or not it accepts it.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme};
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;

use super::Verification;
use super::expiry::blame;

/// The longest chain that is accepted, in certificates and in bytes.
const CERTIFICATES: usize = 10;
const BYTES: usize = 64 << 10;

/// The shortest RSA key that webpki accepts.
const RSA_BITS: usize = 2048;

/// The certificates that a server presented, its own first.
pub(super) type Presented = Mutex<Vec<CertificateDer<'static>>>;

/// A chain that is longer than any legitimate server needs.
#[derive(Debug, thiserror::Error)]
#[error("the chain has more than {CERTIFICATES} certificates or {BYTES} bytes")]
pub(super) struct ChainTooLong;

/// The authorities that may have issued the server's certificate.
#[derive(Clone, Debug)]
pub(super) struct Anchors {
    pub(super) roots: Arc<RootCertStore>,
    /// Certificates that the definition itself gives. A server that presents one of these as its own is trusted,
    /// although it is a CA certificate, which webpki otherwise rejects: `openssl req -x509` makes such self-signed
    /// certificates.
    pub(super) pinned: Vec<CertificateDer<'static>>,
}

#[derive(Debug)]
pub(super) struct Verifier {
    pub(super) verification: Verification,
    /// Absent when nothing is verified.
    pub(super) anchors: Option<Anchors>,
    pub(super) algorithms: WebPkiSupportedAlgorithms,
    pub(super) presented: Arc<Presented>,
}

impl Verifier {
    fn keep(&self, end_entity: &CertificateDer<'_>, intermediates: &[CertificateDer<'_>]) -> Result<(), Error> {
        let chain = || std::iter::once(end_entity).chain(intermediates);
        let kept: Vec<_> = chain().take(CERTIFICATES).map(|certificate| certificate.clone().into_owned()).collect();
        *self.presented.lock().unwrap_or_else(PoisonError::into_inner) = kept;
        if intermediates.len() >= CERTIFICATES || chain().map(|certificate| certificate.len()).sum::<usize>() > BYTES {
            return Err(CertificateError::Other(OtherError(Arc::new(ChainTooLong))).into());
        }
        Ok(())
    }

    /// Whether the handshake signature is not checked: without verification, an outdated certificate must not fail the
    /// handshake.
    fn cannot_tell(&self, certificate: &CertificateDer<'_>) -> bool {
        self.verification == Verification::None && outdated(certificate)
    }

    fn verify_chain(
        &self,
        anchors: &Anchors,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Error> {
        let parsed = ParsedCertificate::try_from(certificate)?;
        let verified =
            verify_server_cert_signed_by_trust_anchor(&parsed, &anchors.roots, intermediates, now, self.algorithms.all);
        match verified {
            Err(Error::InvalidCertificate(CertificateError::Other(_) | CertificateError::UnknownIssuer))
                if anchors.pinned.contains(certificate) =>
            {
                verify_validity(certificate, now)
            }
            verified => verified.map_err(|error| blame(error, certificate, intermediates, anchors, now)),
        }
    }
}

/// Whether webpki cannot check signatures with this certificate because it is too old (X.509 v1, a short RSA key). Many
/// databases once generated such certificates for themselves.
pub(super) fn outdated(certificate: &CertificateDer<'_>) -> bool {
    let short_key = || {
        let parsed = X509Certificate::from_der(certificate).ok().map(|(_, parsed)| parsed);
        parsed.is_some_and(|parsed| match parsed.public_key().parsed() {
            Ok(PublicKey::RSA(key)) => key.key_size() < RSA_BITS,
            _ => false,
        })
    };
    ParsedCertificate::try_from(certificate).is_err() || short_key()
}

/// For a pinned certificate, only the validity period remains to be checked.
fn verify_validity(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), Error> {
    let (_, parsed) = X509Certificate::from_der(certificate).map_err(|_| CertificateError::BadEncoding)?;
    let seconds = |time: i64| u64::try_from(time).unwrap_or(0);
    let from = seconds(parsed.validity().not_before.timestamp());
    let until = seconds(parsed.validity().not_after.timestamp());
    let at = |seconds| UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
    if now.as_secs() < from {
        return Err(CertificateError::NotValidYetContext { time: now, not_before: at(from) }.into());
    }
    if now.as_secs() > until {
        return Err(CertificateError::ExpiredContext { time: now, not_after: at(until) }.into());
    }
    Ok(())
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.keep(end_entity, intermediates)?;
        if let Some(anchors) = &self.anchors {
            self.verify_chain(anchors, end_entity, intermediates, now)?;
        }
        if self.verification == Verification::Full {
            verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    /// The peer must hold the certificate's key even where the certificate is not verified: channel binding depends on
    /// it.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if self.cannot_tell(certificate) {
            return Ok(HandshakeSignatureValid::assertion());
        }
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if self.cannot_tell(certificate) {
            return Ok(HandshakeSignatureValid::assertion());
        }
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
