//! `tls-server-end-point` (RFC 5929): the hash of the server's certificate that binds a SCRAM login to its TLS
//! connection.

use aws_lc_rs::digest::{SHA224, SHA256, SHA384, SHA512, digest};
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
    let hash = match algorithm.as_str() {
        // MD5 and SHA-1, bare and with RSA and ECDSA: the RFC replaces them by SHA-256.
        "1.2.840.113549.2.5" | "1.3.14.3.2.26" | "1.2.840.113549.1.1.4" | "1.2.840.113549.1.1.5" | "1.2.840.10045.4.1"
        // SHA-256.
        | "2.16.840.1.101.3.4.2.1" | "1.2.840.113549.1.1.11" | "1.2.840.10045.4.3.2" => &SHA256,
        "2.16.840.1.101.3.4.2.4" | "1.2.840.113549.1.1.14" | "1.2.840.10045.4.3.1" => &SHA224,
        "2.16.840.1.101.3.4.2.2" | "1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" => &SHA384,
        "2.16.840.1.101.3.4.2.3" | "1.2.840.113549.1.1.13" | "1.2.840.10045.4.3.4" => &SHA512,
        _ => return None,
    };
    Some(digest(hash, der).as_ref().to_vec())
}

fn oid(algorithm: &AlgorithmIdentifier<'_>) -> String {
    algorithm.algorithm.to_id_string()
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::digest::Algorithm;
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;

    use super::*;

    #[test]
    fn the_hash_is_that_of_the_signature_and_never_weaker_than_sha_256() {
        type Row = (&'static [u8], &'static Algorithm);
        let table: [Row; 5] = [
            (include_bytes!("../../../fixtures/tls/signatures/rsa-md5.pem"), &SHA256),
            (include_bytes!("../../../fixtures/tls/signatures/ecdsa-sha1.pem"), &SHA256),
            (include_bytes!("../../../fixtures/tls/signatures/rsa-sha512.pem"), &SHA512),
            (include_bytes!("../../../fixtures/tls/signatures/pss-sha1.pem"), &SHA256),
            (include_bytes!("../../../fixtures/tls/signatures/pss-sha384.pem"), &SHA384),
        ];
        for (row, (pem, hash)) in table.into_iter().enumerate() {
            let der = CertificateDer::from_pem_slice(pem).unwrap();
            assert_eq!(server_end_point(&der), Some(digest(hash, &der).as_ref().to_vec()), "row {row}");
        }
        assert_eq!(server_end_point(b"no certificate"), None);
    }
}
