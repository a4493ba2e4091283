//! Authorities whose own certificate has expired. webpki reports an expired intermediate as if it were the server's,
//! and does not check the validity of a trust anchor; OpenSSL, and so most clients, does.

use std::sync::Arc;

use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::{CertificateError, Error, OtherError};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::verifier::Anchors;

/// The server's certificate is acceptable, but that of an authority above it has expired.
#[derive(Debug, thiserror::Error)]
#[error("the certificate of an authority has expired")]
pub(super) struct AuthorityExpired {
    /// The authority's X.509 name.
    pub(super) subject: String,
    /// When the certificate was checked.
    pub(super) now: UnixTime,
    /// When it expired.
    pub(super) end: UnixTime,
}

/// When `certificate` expired, if it had by `now`.
pub(super) fn ended(certificate: &CertificateDer<'_>, now: UnixTime) -> Option<UnixTime> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    let end = u64::try_from(parsed.validity().not_after.timestamp()).unwrap_or(0);
    (end < now.as_secs()).then(|| UnixTime::since_unix_epoch(std::time::Duration::from_secs(end)))
}

/// Replaces `error` by [`AuthorityExpired`] if an expired authority caused it.
pub(super) fn blame(
    error: Error,
    certificate: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    anchors: &Anchors,
    now: UnixTime,
) -> Error {
    let Error::InvalidCertificate(reason) = &error else { return error };
    let authority = match reason {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } if ended(certificate, now).is_none() => {
            intermediates.iter().find_map(|authority| expired(authority, now))
        }
        CertificateError::UnknownIssuer => {
            let mut trusted = anchors.pinned.iter().filter(|trusted| {
                std::iter::once(certificate).chain(intermediates).any(|below| is_issuer(trusted, below))
            });
            trusted.find_map(|authority| expired(authority, now))
        }
        _ => None,
    };
    match authority {
        Some(authority) => CertificateError::Other(OtherError(Arc::new(authority))).into(),
        None => error,
    }
}

fn expired(authority: &CertificateDer<'_>, now: UnixTime) -> Option<AuthorityExpired> {
    let end = ended(authority, now)?;
    let (_, parsed) = X509Certificate::from_der(authority).ok()?;
    Some(AuthorityExpired { subject: parsed.subject().to_string(), now, end })
}

fn is_issuer(authority: &CertificateDer<'_>, below: &CertificateDer<'_>) -> bool {
    let (Ok((_, authority)), Ok((_, below))) = (X509Certificate::from_der(authority), X509Certificate::from_der(below))
    else {
        return false;
    };
    authority.subject().as_raw() == below.issuer().as_raw()
}
