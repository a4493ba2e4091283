//! In-memory handshakes with scripted servers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ::aws_lc_rs::digest::{SHA256, SHA384, digest};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    PKCS_ECDSA_P384_SHA384, PKCS_ED25519, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::model::class::Class;
use crate::model::reason::ReasonCode;
use crate::net::fault::classify;
use crate::net::guard::{Budget, Guarded, Tap};
use crate::net::sniff::Protocol;

mod identity;

const HOST: &str = "db1.example";

type Authority = CertifiedIssuer<'static, KeyPair>;

/// A certificate and its key.
struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// The protocol that the test client expects inside TLS.
const PLAYED: Protocol = Protocol::new("PLAYED", "a played server", |_| None);

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn server_params(names: &[&str]) -> CertificateParams {
    let mut params = CertificateParams::new(names.iter().copied().map(str::to_owned).collect::<Vec<_>>()).unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

fn issue(params: &CertificateParams, key: &KeyPair, authority: &Authority) -> Identity {
    let certificate = params.signed_by(key, authority).unwrap();
    Identity { chain: vec![certificate.der().clone()], key: PrivateKeyDer::try_from(key.serialize_der()).unwrap() }
}

fn leaf(names: &[&str], authority: &Authority) -> Identity {
    issue(&server_params(names), &KeyPair::generate().unwrap(), authority)
}

fn server(identity: Identity) -> ServerConfig {
    ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(identity.chain, identity.key)
        .unwrap()
}

fn trusting(authority: &Authority) -> TlsSettings {
    settings(Verification::Full, authority.pem())
}

fn settings(verification: Verification, roots: String) -> TlsSettings {
    TlsSettings::new(verification, Roots::Pem(roots.into_bytes()), HOST)
}

fn client(settings: TlsSettings) -> TlsClient {
    TrustStore::new().client(settings).unwrap()
}

/// Performs a handshake with a server that then sends a greeting, and reads the greeting.
async fn greet(client: &TlsClient, server: ServerConfig) -> Result<String, Failure> {
    let (near, far) = duplex(64 << 10);
    tokio::spawn(async move {
        if let Ok(mut stream) = TlsAcceptor::from(Arc::new(server)).accept(far).await {
            stream.write_all(b"hello").await.unwrap();
            stream.shutdown().await.unwrap();
        }
    });
    let (near, tap) = guarded(near);
    let read = async {
        let mut text = String::new();
        client.handshake(near).await?.read_to_string(&mut text).await?;
        Ok(text)
    };
    read.await.map_err(|error: io::Error| classify(&error, &tap, &PLAYED))
}

fn guarded<S>(stream: S) -> (Guarded<S>, Tap) {
    Guarded::new(stream, Budget::default(), Instant::now() + Duration::from_secs(10))
}

/// The client's failure with a peer that answers the `ClientHello` with `answer`.
async fn answered(answer: &'static [u8]) -> Failure {
    let (near, mut far) = duplex(64 << 10);
    tokio::spawn(async move {
        far.read_buf(&mut Vec::with_capacity(4096)).await.unwrap();
        far.write_all(answer).await.unwrap();
    });
    let (near, tap) = guarded(near);
    let error = client(trusting(&authority("CA"))).handshake(near).await.unwrap_err();
    classify(&error, &tap, &PLAYED)
}

#[tokio::test]
async fn a_full_verification_checks_chain_and_name() {
    let ca = authority("Good CA");
    let client = client(trusting(&ca));
    assert_eq!(client.facts(), TlsFacts::default());
    assert_eq!(client.end_point(), None);
    assert_eq!(greet(&client, server(leaf(&[HOST, "10.0.0.7"], &ca))).await.unwrap(), "hello");
    let facts = client.facts();
    assert!(facts.verified);
    assert_eq!(facts.version.as_deref(), Some("TLSv1.3"));
    assert!(facts.cipher.unwrap().starts_with("TLS13_"));
    assert_eq!(facts.chain.len(), 1);
    assert_eq!(facts.chain[0].issuer, "CN=Good CA");
    assert_eq!(facts.chain[0].names, [HOST, "10.0.0.7"]);
    assert!(facts.chain[0].not_after.ends_with('Z'), "{}", facts.chain[0].not_after);
}

#[tokio::test]
async fn a_server_that_is_vouched_for_by_nobody_is_known_all_the_same() {
    let client = client(trusting(&authority("Good CA")));
    let failure = greet(&client, server(leaf(&[HOST], &authority("Other CA")))).await.unwrap_err();
    assert_eq!(failure.class, Class::Tls);
    assert_eq!(failure.reason, ReasonCode::UnknownIssuer, "{failure:?}");
    let facts = client.facts();
    assert!(!facts.verified);
    assert_eq!(facts.version, None);
    assert_eq!(facts.chain[0].issuer, "CN=Other CA");
}

#[tokio::test]
async fn a_certificate_counts_only_while_it_is_valid() {
    let ca = authority("CA");
    let mut past = server_params(&[HOST]);
    (past.not_before, past.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 2));
    let mut future = server_params(&[HOST]);
    (future.not_before, future.not_after) = (date_time_ymd(4000, 1, 1), date_time_ymd(4001, 1, 1));
    for (params, reason) in [(past, ReasonCode::CertificateExpired), (future, ReasonCode::CertificateNotYetValid)] {
        let identity = issue(&params, &KeyPair::generate().unwrap(), &ca);
        let failure = greet(&client(trusting(&ca)), server(identity)).await.unwrap_err();
        assert_eq!(failure.class, Class::Tls);
        assert_eq!(failure.reason, reason, "{failure:?}");
    }
}

#[tokio::test]
async fn of_an_authority_that_has_expired_it_is_said_that_it_is_not_the_server() {
    let root = authority("Root");
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "Old");
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 2));
    let below = CertifiedIssuer::signed_by(params.clone(), KeyPair::generate().unwrap(), &root).unwrap();
    let trusted = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();

    let mut sent_along = leaf(&[HOST], &below);
    sent_along.chain.push(below.der().clone());
    for (roots, identity) in [(root.pem(), sent_along), (trusted.pem(), leaf(&[HOST], &trusted))] {
        let client = client(settings(Verification::Full, roots));
        let failure = greet(&client, server(identity)).await.unwrap_err();
        assert_eq!((failure.class, failure.reason), (Class::Tls, ReasonCode::AuthorityExpired), "{failure:?}");
        assert_eq!(failure.detail.as_deref(), Some("expired: CN=Old"));
        assert_eq!(client.facts().chain[0].issuer, "CN=Old");
    }
    let both = settings(Verification::Full, trusted.pem() + &root.pem());
    assert_eq!(greet(&client(both), server(leaf(&[HOST], &root))).await.as_deref(), Ok("hello"), "another is trusted");
}

#[tokio::test]
async fn a_wrong_name_fails_only_a_full_verification() {
    let ca = authority("CA");
    let names: Vec<String> = (0..12).map(|n| format!("h{n}.example")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let failure = greet(&client(trusting(&ca)), server(leaf(&names, &ca))).await.unwrap_err();
    assert_eq!(failure.reason, ReasonCode::WrongName);
    let detail = failure.detail.unwrap();
    assert!(
        detail.contains("h9.example") && !detail.contains("h10.example") && detail.ends_with("and 2 more"),
        "{detail}"
    );

    let by_chain = client(settings(Verification::Chain, ca.pem()));
    assert!(greet(&by_chain, server(leaf(&names, &ca))).await.is_ok());
    assert!(!by_chain.facts().verified);
    let by_chain = client(settings(Verification::Chain, ca.pem()));
    assert!(greet(&by_chain, server(leaf(&[HOST], &authority("Other CA")))).await.is_err());
}

#[tokio::test]
async fn without_verification_anybody_is_accepted_and_nobody_called_verified() {
    let client = client(TlsSettings { roots: Roots::System, ..settings(Verification::None, String::new()) });
    assert!(greet(&client, server(leaf(&["elsewhere.example"], &authority("CA")))).await.is_ok());
    assert!(!client.facts().verified);
    assert_eq!(client.facts().chain.len(), 1);
}

/// A server that presents the certificate `der` but holds `key`.
fn impostor(der: CertificateDer<'static>, key: PrivateKeyDer<'static>) -> ServerConfig {
    let provider = aws_lc_rs::default_provider();
    let key = provider.key_provider.load_private_key(key).unwrap();
    let builder =
        ServerConfig::builder_with_provider(Arc::new(provider)).with_safe_default_protocol_versions().unwrap();
    builder
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(CertifiedKey::new(vec![der], key))))
}

#[tokio::test]
async fn without_verification_an_outdated_certificate_is_no_obstacle_but_binds_nothing() {
    let ca = authority("CA");
    let unreadable = || impostor(vec![0x30, 0].into(), leaf(&[HOST], &ca).key);
    let unverified = client(settings(Verification::None, String::new()));
    assert!(greet(&unverified, unreadable()).await.is_ok());
    assert_eq!(unverified.end_point(), None);
    assert_eq!(greet(&client(trusting(&ca)), unreadable()).await.unwrap_err().class, Class::Tls);
}

#[tokio::test]
async fn nobody_may_present_the_certificate_of_another() {
    let ca = authority("CA");
    for verification in [Verification::None, Verification::Full] {
        let stolen = leaf(&[HOST], &ca).chain.remove(0);
        let client = client(settings(verification, ca.pem()));
        assert!(greet(&client, impostor(stolen, leaf(&[HOST], &ca).key)).await.is_err(), "{verification:?}");
    }
}

#[tokio::test]
async fn an_address_must_be_among_the_addresses_of_the_certificate() {
    let ca = authority("CA");
    for (name, good) in [("10.0.0.7", true), ("[fd00::7]", true), ("fd00::7", true), ("10.0.0.8", false)] {
        let client = client(TlsSettings { server_name: name.to_owned(), ..trusting(&ca) });
        let greeted = greet(&client, server(leaf(&["10.0.0.7", "fd00::7", HOST], &ca))).await;
        assert_eq!(greeted.is_ok(), good, "{name}: {greeted:?}");
    }
}

#[tokio::test]
async fn a_self_signed_certificate_is_trusted_when_it_is_named_itself() {
    for is_ca in [IsCa::NoCa, IsCa::Ca(BasicConstraints::Unconstrained)] {
        let key = KeyPair::generate().unwrap();
        let mut params = server_params(&[HOST]);
        params.is_ca = is_ca;
        let certificate = params.self_signed(&key).unwrap();
        let identity = || Identity {
            chain: vec![certificate.der().clone()],
            key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        };
        let named = client(settings(Verification::Full, certificate.pem()));
        assert_eq!(greet(&named, server(identity())).await.as_deref(), Ok("hello"), "{is_ca:?}");

        let elsewhere =
            TlsSettings { server_name: "db2.example".to_owned(), ..settings(Verification::Full, certificate.pem()) };
        assert!(greet(&client(elsewhere), server(identity())).await.is_err(), "{is_ca:?}: another name");
        assert!(greet(&client(trusting(&authority("CA"))), server(identity())).await.is_err(), "{is_ca:?}: not named");
    }
}

#[tokio::test]
async fn a_named_certificate_counts_only_while_it_is_valid() {
    let key = KeyPair::generate().unwrap();
    let mut params = server_params(&[HOST]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 2));
    let certificate = params.self_signed(&key).unwrap();
    let identity =
        Identity { chain: vec![certificate.der().clone()], key: PrivateKeyDer::try_from(key.serialize_der()).unwrap() };
    let failure = greet(&client(settings(Verification::Full, certificate.pem())), server(identity)).await.unwrap_err();
    assert_eq!(failure.reason, ReasonCode::CertificateExpired, "{failure:?}");
}

#[tokio::test]
async fn an_absurd_chain_is_refused() {
    let ca = authority("CA");
    let mut identity = leaf(&[HOST], &ca);
    identity.chain.extend(std::iter::repeat_n(ca.der().clone(), 10));
    let client = client(settings(Verification::None, String::new()));
    let failure = greet(&client, server(identity)).await.unwrap_err();
    assert_eq!(failure.reason, ReasonCode::CertificateUnacceptable, "{failure:?}");
    assert_eq!(client.facts().chain.len(), 10);
}

#[test]
fn only_a_full_verification_needs_a_real_name() {
    let ca = authority("CA");
    for (name, good) in
        [("db_1", true), ("db1.example.", true), ("/run/postgresql", false), ("", false), ("bücher", false)]
    {
        let with = |verification| TlsSettings { server_name: name.to_owned(), ..settings(verification, ca.pem()) };
        assert_eq!(TrustStore::new().client(with(Verification::Full)).is_ok(), good, "{name}");
        assert!(TrustStore::new().client(with(Verification::Chain)).is_ok(), "{name}");
    }
}

#[tokio::test]
async fn an_older_server_is_served_and_an_unknown_protocol_is_not() {
    let ca = authority("CA");
    let identity = leaf(&[HOST], &ca);
    let older = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(identity.chain, identity.key)
        .unwrap();
    let client_of_older = client(trusting(&ca));
    assert_eq!(greet(&client_of_older, older).await.as_deref(), Ok("hello"));
    assert_eq!(client_of_older.facts().version.as_deref(), Some("TLSv1.2"));
    assert!(client_of_older.facts().verified);

    let asking = || client(TlsSettings { alpn: vec![b"postgresql".to_vec()], ..trusting(&ca) });
    let offering = |protocol: &[u8]| {
        let mut server = server(leaf(&[HOST], &ca));
        server.alpn_protocols = vec![protocol.to_vec()];
        server
    };
    assert!(greet(&asking(), offering(b"postgresql")).await.is_ok());
    let failure = greet(&asking(), offering(b"h2")).await.unwrap_err();
    assert_eq!(failure.reason, ReasonCode::ProtocolNotNegotiated, "{failure:?}");
}

#[test]
fn the_system_store_is_loaded_once() {
    match (system(), system()) {
        (Ok(first), Ok(second)) => assert!(Arc::ptr_eq(&first, &second)),
        (Err(failure), _) | (_, Err(failure)) => assert_eq!(failure.class, Class::Local),
    }
}

#[tokio::test]
async fn what_is_not_tls_is_told_apart() {
    let table: &[(&[u8], Class, ReasonCode)] = &[
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", Class::Protocol, ReasonCode::OtherProtocol),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", Class::Protocol, ReasonCode::OtherProtocol),
        (b"\0\0\0\0\0\0\0\0\0\0", Class::Tls, ReasonCode::TlsNotSpoken),
        (b"\x15\x03\x03\x00\x02\x02\x28", Class::Tls, ReasonCode::TlsHandshakeFailed),
        (b"\x15\x03\x01\x00\x02\x02\x46", Class::Tls, ReasonCode::TlsVersionUnsupported),
        (b"\x15\x03\x03\x00\x02\x02\x78", Class::Tls, ReasonCode::ProtocolNotNegotiated),
        (b"", Class::Unreachable, ReasonCode::ClosedDuringTls),
        (b"\x16\x03\x03", Class::Closed, ReasonCode::ClosedDuringTls),
    ];
    for (answer, class, reason) in table {
        let failure = answered(answer).await;
        assert_eq!((failure.class, failure.reason), (*class, *reason), "{}", answer.escape_ascii());
        assert!(failure.hint.is_some());
    }
}

#[tokio::test]
async fn the_end_point_hash_is_that_of_the_signature() {
    let p256 = authority("P-256 CA");
    let params = |name: &str| {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
    };
    let with = |algorithm| {
        let key = KeyPair::generate_for(algorithm).unwrap();
        CertifiedIssuer::self_signed(params("CA"), key).unwrap()
    };
    let (p384, ed25519) = (with(&PKCS_ECDSA_P384_SHA384), with(&PKCS_ED25519));
    for (ca, hash) in [(&p256, Some(&SHA256)), (&p384, Some(&SHA384)), (&ed25519, None)] {
        let identity = leaf(&[HOST], ca);
        let der = identity.chain[0].clone();
        let client = client(trusting(ca));
        greet(&client, server(identity)).await.unwrap();
        assert_eq!(client.end_point(), hash.map(|hash| digest(hash, &der).as_ref().to_vec()));
    }
}
