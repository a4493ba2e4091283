//! TLS material, made on first use: an authority that the definitions trust, and servers with certificates of every
//! kind.

use std::sync::{Arc, LazyLock};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, date_time_ymd,
};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};

type Authority = CertifiedIssuer<'static, KeyPair>;

static TRUSTED: LazyLock<Authority> = LazyLock::new(|| self::issuer("Fault Matrix CA"));
static OTHER: LazyLock<Authority> = LazyLock::new(|| self::issuer("Some Other CA"));

/// The certificate of the authority that definitions trust, in PEM.
pub fn authority() -> &'static str {
    static PEM: LazyLock<String> = LazyLock::new(|| TRUSTED.pem());
    &PEM
}

fn issuer(name: &str) -> Authority {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// The certificate that a server presents, or what it demands of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// Valid in every respect.
    Good,
    /// The certificate was valid until 2020.
    Expired,
    /// The certificate of the issuing authority was valid until 2020.
    ExpiredAuthority,
    /// The certificate is valid from 2099.
    NotYetValid,
    /// Self-signed.
    SelfSigned,
    /// Issued by an authority that the definitions do not trust.
    OtherAuthority,
    /// Issued for another host name.
    OtherName,
    /// Issued for another address.
    OtherAddress,
    /// The common name is the only name, as in old certificates.
    CommonNameOnly,
    /// For client authentication only.
    ForClients,
    /// The authority's own certificate.
    AuthorityItself,
    /// The intermediate certificate that issued it is not sent.
    NoIntermediate,
    /// Issued by a certificate that is not an authority.
    IssuedByLeaf,
    /// With a chain of a hundred certificates.
    LongChain,
    /// With a thousand names, none of which matches.
    ManyNames,
    /// With damaged bytes.
    Damaged,
    /// The server demands a client certificate.
    WantsClient,
}

/// The TLS configuration of a server of this kind that supports only this version.
pub fn server(kind: Server, version: &'static SupportedProtocolVersion) -> Arc<ServerConfig> {
    let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap();
    let builder = if kind == Server::WantsClient {
        let mut roots = RootCertStore::empty();
        roots.add(TRUSTED.der().clone()).unwrap();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
        builder.with_client_cert_verifier(verifier)
    } else {
        builder.with_no_client_auth()
    };
    let (chain, key) = identity(kind);
    let key = aws_lc_rs::sign::any_supported_type(&PrivateKeyDer::try_from(key.serialize_der()).unwrap()).unwrap();
    // The certificate is sent unchecked: the client has to find out what is wrong with it.
    Arc::new(builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(CertifiedKey::new(chain, key)))))
}

/// TLS 1.2 and TLS 1.3, with their names.
pub const VERSIONS: [(&str, &SupportedProtocolVersion); 2] = [("1.2", &TLS12), ("1.3", &TLS13)];

fn params(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().copied().map(str::to_owned).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

fn identity(kind: Server) -> (Vec<CertificateDer<'static>>, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let mut leaf = params(&["127.0.0.1", "localhost"]);
    let mut issuer: &Authority = &TRUSTED;
    match kind {
        Server::Good | Server::WantsClient | Server::LongChain | Server::Damaged => {}
        Server::Expired => {
            leaf.not_before = date_time_ymd(2019, 1, 1);
            leaf.not_after = date_time_ymd(2020, 1, 1);
        }
        Server::NotYetValid => {
            leaf.not_before = date_time_ymd(2099, 1, 1);
            leaf.not_after = date_time_ymd(2100, 1, 1);
        }
        Server::OtherAuthority => issuer = &OTHER,
        Server::OtherName => leaf = params(&["db9.example"]),
        Server::OtherAddress => leaf = params(&["192.0.2.9"]),
        Server::CommonNameOnly => {
            leaf = params(&[]);
            leaf.distinguished_name.push(DnType::CommonName, "127.0.0.1");
        }
        Server::ForClients => leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth],
        Server::ManyNames => {
            leaf = params(&[]);
            let names = (0..1000).map(|n| format!("db{n}.example").try_into().map(rcgen::SanType::DnsName).unwrap());
            leaf.subject_alt_names = names.collect();
        }
        Server::SelfSigned => return (vec![leaf.self_signed(&key).unwrap().der().clone()], key),
        Server::AuthorityItself => {
            leaf.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
        Server::NoIntermediate | Server::IssuedByLeaf | Server::ExpiredAuthority => {
            return by_another(kind, &leaf, key);
        }
    }
    let mut der = leaf.signed_by(&key, issuer).unwrap().der().to_vec();
    if kind == Server::Damaged {
        let middle = der.len() / 2;
        der[middle..].fill(0xa7);
    }
    let mut chain = vec![CertificateDer::from(der)];
    if kind == Server::LongChain {
        let link = params(&["link.example"]).signed_by(&KeyPair::generate().unwrap(), issuer).unwrap();
        chain.extend(std::iter::repeat_n(link.der().clone(), 100));
    }
    (chain, key)
}

/// A leaf certificate whose issuer is an intermediate one that is not sent, is not an authority, or has expired.
fn by_another(kind: Server, leaf: &CertificateParams, key: KeyPair) -> (Vec<CertificateDer<'static>>, KeyPair) {
    let mut middle = params(&["middle.example"]);
    middle.distinguished_name.push(DnType::CommonName, "Someone Between");
    if kind == Server::ExpiredAuthority {
        middle.not_before = date_time_ymd(2019, 1, 1);
        middle.not_after = date_time_ymd(2020, 1, 1);
    }
    if kind != Server::IssuedByLeaf {
        middle.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    let middle_key = KeyPair::generate().unwrap();
    let middle_der = middle.signed_by(&middle_key, &*TRUSTED).unwrap().der().clone();
    let issuer = rcgen::Issuer::new(middle, middle_key);
    let mut chain = vec![leaf.signed_by(&key, &issuer).unwrap().der().clone()];
    if kind != Server::NoIntermediate {
        chain.push(middle_der);
    }
    (chain, key)
}
