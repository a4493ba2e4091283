//! Parses the PEM text of a definition into certificates and keys. Errors name the part that cannot be used, and never
//! contain any of the text.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::{Error, RootCertStore};

use super::ClientIdentity;
use super::expiry::ended;
use super::verifier::Anchors;
use crate::model::failure::Failure;
use crate::model::reason::Tls;
use crate::model::secret::Secret;

const CA: &str = "the CA certificate";
const CERTIFICATE: &str = "the client certificate";
const KEY: &str = "the client key";

/// Trusts only the authorities in `pem`; expired ones are ignored.
pub(super) fn roots(pem: &[u8]) -> Result<Anchors, Failure> {
    let pinned = certificates(pem, CA)?;
    let mut roots = RootCertStore::empty();
    let now = UnixTime::now();
    let (expired, current): (Vec<_>, Vec<_>) = pinned.iter().cloned().partition(|own| ended(own, now).is_some());
    let (usable, _unusable) = roots.add_parsable_certificates(current);
    if usable == 0 && expired.is_empty() {
        return Err(unusable(CA, "it is not an X.509 certificate"));
    }
    Ok(Anchors { roots: Arc::new(roots), pinned })
}

/// Whether the PEM key is encrypted.
#[must_use]
pub fn is_encrypted(pem: &str) -> bool {
    pem.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") || pem.contains("Proc-Type: 4,ENCRYPTED")
}

/// The client certificate and key in rustls's types.
pub(super) fn identity(
    identity: &ClientIdentity,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), Failure> {
    let chain = certificates(identity.certificates.expose().as_bytes(), CERTIFICATE)?;
    let pem = identity.key.expose();
    if is_encrypted(pem) {
        return Err(Failure::of(Tls::BadPem { which: KEY, why: "it is encrypted", encrypted: true }));
    }
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes())
        .map_err(|_| unusable(KEY, "there is no readable PEM section `PRIVATE KEY` in it"))?;
    Ok((chain, key))
}

/// A part of the TLS settings that a definition gives as PEM text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The authorities to trust.
    Authorities,
    /// The client's certificate.
    Certificate,
    /// Its key.
    Key,
    /// Certificate and key together.
    Pair,
}

/// The part that cannot be used. If all parts parse, the key does not match the certificate; a missing key counts as an
/// unusable one.
#[must_use]
pub fn part_at_fault(authorities: Option<&Secret>, certificate: Option<&Secret>, key: Option<&Secret>) -> Part {
    if authorities.is_some_and(|pem| roots(pem.expose().as_bytes()).is_err()) {
        return Part::Authorities;
    }
    if certificate.is_some_and(|pem| certificates(pem.expose().as_bytes(), CERTIFICATE).is_err()) {
        return Part::Certificate;
    }
    let is_key =
        |pem: &Secret| !is_encrypted(pem.expose()) && PrivateKeyDer::from_pem_slice(pem.expose().as_bytes()).is_ok();
    if key.is_some_and(is_key) { Part::Pair } else { Part::Key }
}

/// Why rustls rejects an identity whose parts could be parsed.
pub(super) fn unusable_identity(error: &Error) -> Failure {
    match error {
        Error::InconsistentKeys(_) => Failure::of(Tls::KeyMismatch),
        Error::InvalidCertificate(_) => unusable(CERTIFICATE, "it is not an X.509 certificate"),
        _ => unusable(KEY, "it is damaged, or of a kind that is not supported"),
    }
}

fn certificates(pem: &[u8], which: &'static str) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|_| unusable(which, "its PEM text is damaged"))?;
    if certificates.is_empty() {
        return Err(unusable(which, "there is no PEM section `CERTIFICATE` in it"));
    }
    Ok(certificates)
}

fn unusable(which: &'static str, why: &'static str) -> Failure {
    Failure::of(Tls::BadPem { which, why, encrypted: false })
}
