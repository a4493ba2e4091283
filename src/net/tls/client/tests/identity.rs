//! Client certificates, and files that are not certificates.

use super::*;

/// Whether a failure is the expected one.
type Expected<'a> = Box<dyn Fn(&Failure) -> bool + 'a>;

#[tokio::test]
async fn a_server_may_demand_a_client_certificate_and_judge_it() {
    let (ca, own, other) = (authority("Server CA"), authority("Client CA"), authority("Other CA"));
    let demanding = || {
        let mut roots = RootCertStore::empty();
        roots.add(own.der().clone()).unwrap();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().unwrap();
        let identity = leaf(&[HOST], &ca);
        ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier)
            .with_single_cert(identity.chain, identity.key)
            .unwrap()
    };
    let with = |authority: &Authority| {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = params.signed_by(&key, authority).unwrap();
        let identity =
            ClientIdentity { certificates: Secret::new(certificate.pem()), key: Secret::new(key.serialize_pem()) };
        client(TlsSettings { identity: Some(identity), ..trusting(&ca) })
    };
    assert_eq!(greet(&with(&own), demanding()).await.as_deref(), Ok("hello"));

    // With TLS 1.3, both errors arrive only with the first read after the handshake.
    let missing = greet(&client(trusting(&ca)), demanding()).await.unwrap_err();
    assert_eq!((missing.class, missing.reason), (Class::Tls, ReasonCode::ClientCertificateRequired));
    let rejected = greet(&with(&other), demanding()).await.unwrap_err();
    assert_eq!(rejected.class, Class::Tls);
    assert_eq!(rejected.reason, ReasonCode::ClientCertificateRefused, "{rejected:?}");
}

#[test]
fn unusable_certificates_and_keys_are_named_and_never_shown() {
    let canary = "Q0FOQVJZCANARYQ0FOQVJZ";
    let pem = |label: &str| format!("-----BEGIN {label}-----\n{canary}\n-----END {label}-----\n");
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::default().self_signed(&key).unwrap().pem();
    let other = KeyPair::generate().unwrap().serialize_pem();
    let identity = |certificates: &str, key: &str| {
        let identity =
            ClientIdentity { certificates: Secret::new(certificates.to_owned()), key: Secret::new(key.to_owned()) };
        TlsSettings { identity: Some(identity), ..settings(Verification::None, String::new()) }
    };
    let (ca, certificate, key) = ("the CA certificate", "the client certificate", "the client key");
    let bad = |which, encrypted| {
        move |failure: &Failure| {
            let words = |why| Failure::of(Tls::BadPem { which, why, encrypted });
            let (message, hint) = (words("").message, words("").hint);
            failure.message.starts_with(&message) && (!encrypted || failure.hint == hint)
        }
    };
    let mismatch = |failure: &Failure| failure.message == Failure::of(Tls::KeyMismatch).message;
    let table: [(TlsSettings, Expected<'_>); 9] = [
        (settings(Verification::Full, canary.to_owned()), Box::new(bad(ca, false))),
        (settings(Verification::Full, format!("-----BEGIN CERTIFICATE-----\n{canary}")), Box::new(bad(ca, false))),
        (settings(Verification::Full, pem("CERTIFICATE")), Box::new(bad(ca, false))),
        (identity(canary, &other), Box::new(bad(certificate, false))),
        (identity(&pem("CERTIFICATE"), &other), Box::new(bad(certificate, false))),
        (identity(&own, canary), Box::new(bad(key, false))),
        (identity(&own, &pem("PRIVATE KEY")), Box::new(bad(key, false))),
        (identity(&own, &pem("ENCRYPTED PRIVATE KEY")), Box::new(bad(key, true))),
        (identity(&own, &other), Box::new(mismatch)),
    ];
    for (settings, is_expected) in table {
        let failure = TrustStore::new().client(settings).err().expect("a fault");
        assert_eq!((failure.class, failure.reason), (Class::Definition, ReasonCode::BadCertificate), "{failure:?}");
        assert!(is_expected(&failure), "{failure:?}");
        assert!(!format!("{failure:?}").contains("CANARY"), "{failure:?}");
    }
}
