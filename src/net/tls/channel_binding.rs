//! `tls-server-end-point` (RFC 5929): the hash of the server's certificate that ties a SCRAM login
//! to the TLS connection it is made over.

use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::signature_algorithm::SignatureAlgorithm;
use x509_parser::x509::AlgorithmIdentifier;

/// The binding data for the certificate `der`; `None` where the RFC defines none, as for Ed25519.
pub(super) fn server_end_point(der: &[u8]) -> Option<Vec<u8>> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let signature = SignatureAlgorithm::try_from(&certificate.signature_algorithm).ok();
    let algorithm = match &signature {
        Some(SignatureAlgorithm::RSASSA_PSS(parameters)) => parameters.hash_algorithm_oid().to_id_string(),
        _ => oid(&certificate.signature_algorithm),
    };
    Some(match algorithm.as_str() {
        // MD5 and SHA-1, bare and with RSA and ECDSA: the RFC raises them to SHA-256.
        "1.2.840.113549.2.5" | "1.3.14.3.2.26" | "1.2.840.113549.1.1.4" | "1.2.840.113549.1.1.5" | "1.2.840.10045.4.1"
        // SHA-256.
        | "2.16.840.1.101.3.4.2.1" | "1.2.840.113549.1.1.11" | "1.2.840.10045.4.3.2" => Sha256::digest(der).to_vec(),
        "2.16.840.1.101.3.4.2.4" | "1.2.840.113549.1.1.14" | "1.2.840.10045.4.3.1" => Sha224::digest(der).to_vec(),
        "2.16.840.1.101.3.4.2.2" | "1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" => Sha384::digest(der).to_vec(),
        "2.16.840.1.101.3.4.2.3" | "1.2.840.113549.1.1.13" | "1.2.840.10045.4.3.4" => Sha512::digest(der).to_vec(),
        _ => return None,
    })
}

fn oid(algorithm: &AlgorithmIdentifier<'_>) -> String {
    algorithm.algorithm.to_id_string()
}
