//! A server with an X.509 version 1 certificate, for the tests of the drivers.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

/// The server, and the authority that issued its certificate, as PEM.
pub(crate) fn server() -> (TlsAcceptor, String) {
    let _already_installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&key).unwrap();
    let presented = rustls::sign::CertifiedKey::new(vec![version_1(cert.der()).into()], key);
    let resolver = Arc::new(Presents(Arc::new(presented)));
    let config = ServerConfig::builder().with_no_client_auth().with_cert_resolver(resolver);
    (TlsAcceptor::from(Arc::new(config)), cert.pem())
}

/// Converts the certificate `der` to X.509 version 1: without the version field and without extensions. Its signature
/// becomes invalid, but no test checks it.
fn version_1(der: &[u8]) -> Vec<u8> {
    /// One DER element: the whole, and its content.
    fn element(der: &[u8]) -> (&[u8], &[u8]) {
        let (header, length) = match der[1] {
            short @ ..=0x7f => (2, usize::from(short)),
            0x81 => (3, usize::from(der[2])),
            _ => (4, usize::from(u16::from_be_bytes([der[2], der[3]]))),
        };
        (&der[..header + length], &der[header..header + length])
    }
    fn elements(mut content: &[u8]) -> Vec<&[u8]> {
        let mut all = Vec::new();
        while !content.is_empty() {
            let (whole, _) = element(content);
            all.push(whole);
            content = &content[whole.len()..];
        }
        all
    }
    fn sequence(content: &[u8]) -> Vec<u8> {
        let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
        let header: &[u8] = match (high, low) {
            (0, ..=0x7f) => &[0x30, low],
            (0, _) => &[0x30, 0x81, low],
            _ => &[0x30, 0x82, high, low],
        };
        [header, content].concat()
    }
    let (_, certificate) = element(der);
    let parts = elements(certificate);
    let (_, signed) = element(parts[0]);
    let old: Vec<&[u8]> = elements(signed).into_iter().filter(|part| !matches!(part[0], 0xa0 | 0xa3)).collect();
    sequence(&[&sequence(&old.concat())[..], parts[1], parts[2]].concat())
}

/// Presents one certificate, whatever the client asks for.
#[derive(Debug)]
struct Presents(Arc<rustls::sign::CertifiedKey>);

impl rustls::server::ResolvesServerCert for Presents {
    fn resolve(&self, _hello: rustls::server::ClientHello<'_>) -> Option<Arc<rustls::sign::CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}
