//! TLS, and how it is negotiated.

use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::model::phase::Phase;
use crate::model::reason::Field;
use crate::net::tls::version_1;

#[tokio::test]
async fn only_a_plain_no_leads_on_in_clear_and_only_where_the_mode_allows() {
    let no_tls = || vec![say("N"), say(request(3, b"")), say(welcome()), say(row())];
    for (sslmode, expected) in [("prefer", "ok"), ("require", "tls"), ("verify-full", "tls")] {
        let (port, playing) = server(no_tls()).await;
        let (verdict, trace) = probe(&[port], json!({"sslmode": sslmode})).await;
        assert_eq!(class(verdict), expected, "{sslmode}");
        assert_eq!(trace.credential_sent, expected == "ok");
        let sent = playing.await.unwrap();
        assert_eq!(&sent[..8], SSL_REQUEST);
        assert_eq!(sent.len() > 8, expected == "ok", "{sslmode}");
    }
}

/// psql: "received unencrypted data after SSL response", in every mode.
#[tokio::test]
async fn bytes_between_the_yes_and_the_handshake_end_the_login_in_every_mode() {
    for stuffed in [[b"S".to_vec(), welcome(), row()].concat(), b"SS".to_vec(), b"SN".to_vec()] {
        for sslmode in ["allow", "prefer", "require", "verify-full"] {
            let first = (sslmode == "allow").then(|| say(refusal(&["SFATAL", "C28000", "Mno"])));
            let (port, playing) = fallback::server_of(vec![
                first.map_or_else(|| vec![say(stuffed.clone())], |refused| vec![refused]),
                if sslmode == "allow" { vec![say(stuffed.clone())] } else { fallback::login() },
            ])
            .await;
            let (verdict, trace) = probe(&[port], json!({"sslmode": sslmode})).await;
            let failure = verdict.unwrap_err();
            assert_eq!((failure.class.as_str(), failure.reason.as_str()), ("tls", "tls_handshake_failed"), "{sslmode}");
            assert!(failure.fields.is_empty() && !trace.credential_sent, "{sslmode}: {failure:?}");
            let asked = if sslmode == "allow" { 2 } else { 1 };
            assert_eq!(playing.await.unwrap().len(), asked, "{sslmode}");
        }
    }
}

/// An error in place of the answer to the request for TLS: nothing proves who sent it, and no login was sent yet.
#[tokio::test]
async fn nobody_refuses_a_login_before_it_is_sent() {
    for (code, message, expected) in [
        ("28P01", "password authentication failed for user \"etl\"", "server"),
        ("28000", "role \"etl\" does not exist", "server"),
        ("3D000", "database \"sales\" does not exist", "server"),
        ("42501", "permission denied for database \"sales\"", "server"),
        ("53300", "sorry, too many clients already", "busy"),
        ("57P03", "the database system is starting up", "busy"),
    ] {
        let said = refusal(&["SFATAL", &format!("C{code}"), &format!("M{message}")]);
        for sslmode in ["prefer", "require", "verify-full"] {
            let (port, playing) = server(vec![say(said.clone())]).await;
            let (verdict, trace) = probe(&[port], json!({"sslmode": sslmode})).await;
            let failure = verdict.unwrap_err();
            assert_eq!((failure.class.as_str(), failure.code.as_deref()), (expected, Some(code)), "{sslmode}");
            assert!(failure.detail.as_deref().is_some_and(|text| text.contains(message)), "{code} {sslmode}");
            assert!(failure.fields.is_empty() && !trace.credential_sent, "{code} {sslmode}: {failure:?}");
            assert!(!String::from_utf8_lossy(&playing.await.unwrap()).contains("etl"));
        }
    }
}

/// A server that supports one version of TLS, with a certificate of its own.
async fn speaking(version: &'static rustls::SupportedProtocolVersion) -> u16 {
    let _already_installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let config = ServerConfig::builder_with_protocol_versions(&[version]).with_no_client_auth();
    let acceptor = TlsAcceptor::from(Arc::new(config.with_single_cert(vec![cert.der().clone()], key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_exact(&mut [0; 8]).await.unwrap();
        stream.write_all(b"S").await.unwrap();
        assert!(acceptor.accept(stream).await.is_err());
    });
    port
}

#[tokio::test]
async fn a_version_that_the_definition_leaves_out_is_its_own_fault() {
    for (version, key, bound) in [
        (&rustls::version::TLS12, "ssl_min_protocol_version", "TLSv1.3"),
        (&rustls::version::TLS13, "ssl_max_protocol_version", "TLSv1.2"),
    ] {
        let port = speaking(version).await;
        let (verdict, trace) = probe(&[port], json!({"sslmode": "require", key: bound})).await;
        let failure = verdict.unwrap_err();
        assert_eq!((failure.class.as_str(), failure.reason.as_str()), ("tls", "tls_version_unsupported"), "{key}");
        assert_eq!(failure.fields.to_vec(), [Field::extra(key)], "{key}");
        assert!(!trace.credential_sent);
    }
}

#[tokio::test]
async fn a_certificate_or_key_that_cannot_be_used_is_named() {
    let rcgen::CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(["etl".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(["other".to_owned()]).unwrap().signing_key.serialize_pem();
    let (certificate, key) = (cert.pem(), signing_key.serialize_pem());
    let broken = "-----BEGIN NOTHING-----";
    for (extra, fields) in [
        (json!({"sslmode": "verify-full", "sslrootcert": broken}), vec!["sslrootcert"]),
        (json!({"sslmode": "require", "sslcert": broken, "sslkey": key}), vec!["sslcert"]),
        (json!({"sslmode": "require", "sslcert": certificate, "sslkey": broken}), vec!["sslkey"]),
        (json!({"sslmode": "require", "sslcert": certificate, "sslkey": other}), vec!["sslcert", "sslkey"]),
    ] {
        let (port, _playing) = server(vec![say("S")]).await;
        let (verdict, _) = probe(&[port], extra.clone()).await;
        let failure = verdict.unwrap_err();
        assert_eq!((failure.reason.as_str(), failure.phase), ("bad_certificate", Some(Phase::Tls)), "{extra}");
        let expected: Vec<_> = fields.into_iter().map(Field::extra).collect();
        assert_eq!(failure.fields.to_vec(), expected, "{extra}");
    }
}

/// psql and mariadb log in there (OpenSSL accepts a server's certificate of version 1), rustls does not.
#[tokio::test]
async fn a_certificate_of_version_1_is_named_as_such() {
    let (acceptor, authority) = version_1::server();
    for sslmode in ["require", "verify-ca", "verify-full"] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let acceptor = acceptor.clone();
        let playing = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.read_exact(&mut [0; 8]).await.unwrap();
            stream.write_all(b"S").await.unwrap();
            assert!(acceptor.accept(stream).await.is_err());
        });
        let (verdict, trace) = probe(&[port], json!({"sslmode": sslmode, "sslrootcert": authority})).await;
        let failure = verdict.unwrap_err();
        assert_eq!((failure.class.as_str(), failure.reason.as_str()), ("tls", "certificate_outdated"), "{sslmode}");
        assert!(!trace.credential_sent && failure.hint.is_some());
        playing.await.unwrap();
    }
}

/// A server that expects TLS from the first byte.
async fn direct(alpn: &[&[u8]], script: Vec<Line>) -> (u16, JoinHandle<Vec<u8>>) {
    let _already_installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let mut config =
        ServerConfig::builder().with_no_client_auth().with_single_cert(vec![cert.der().clone()], key).unwrap();
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let playing = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        match TlsAcceptor::from(Arc::new(config)).accept(stream).await {
            Ok(stream) => play(stream, script).await,
            Err(_) => Vec::new(),
        }
    });
    (port, playing)
}

#[tokio::test]
async fn direct_tls_needs_the_server_to_agree_on_postgresql() {
    let extra = || json!({"sslmode": "require", "sslnegotiation": "direct"});
    let script = || vec![say(request(5, b"salt")), say(welcome()), say(row())];
    let (verdict, trace) = probe(&[direct(&[b"postgresql"], script()).await.0], extra()).await;
    assert_eq!(verdict, Ok(()));
    assert!(trace.facts.tls.is_some());
    let (verdict, trace) = probe(&[direct(&[], script()).await.0], extra()).await;
    assert_eq!(class(verdict), "tls");
    assert!(!trace.credential_sent);
    let (verdict, _) = probe(&[direct(&[b"http/1.1"], script()).await.0], extra()).await;
    assert_eq!(class(verdict), "tls");
}

#[tokio::test]
async fn binding_is_not_given_up_by_leaving_plus_out() {
    let mechanisms = [say(request(10, b"SCRAM-SHA-256\0\0"))].into_iter().collect();
    let (port, _) = direct(&[b"postgresql"], mechanisms).await;
    let extra = json!({"sslmode": "require", "sslnegotiation": "direct", "channel_binding": "require"});
    let (verdict, trace) = probe(&[port], extra).await;
    assert_eq!(class(verdict), "tls");
    assert!(!trace.credential_sent);
}

#[tokio::test]
async fn the_binding_follows_what_is_offered_and_wanted() {
    const BOTH: &[u8] = b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0";
    for (offered, channel_binding, opening, method) in [
        (BOTH, "prefer", "SCRAM-SHA-256-PLUS\0\0\0\0\x35p=tls-server-end-point,,n=,r=", "scram-sha-256-plus"),
        (BOTH, "require", "SCRAM-SHA-256-PLUS\0\0\0\0\x35p=tls-server-end-point,,n=,r=", "scram-sha-256-plus"),
        (BOTH, "disable", "SCRAM-SHA-256\0\0\0\0\x20n,,n=,r=", "scram-sha-256"),
        (MECHANISMS, "prefer", "SCRAM-SHA-256\0\0\0\0\x20y,,n=,r=", "scram-sha-256"),
    ] {
        let mut script = scram_login();
        script[0] = say(request(10, offered));
        let (port, playing) = direct(&[b"postgresql"], script).await;
        let extra = json!({"sslmode": "require", "sslnegotiation": "direct", "channel_binding": channel_binding});
        let (verdict, trace) = probe(&[port], extra).await;
        assert_eq!(verdict, Ok(()), "{channel_binding}");
        assert_eq!(trace.facts.auth_method.as_deref(), Some(method));
        let sent = String::from_utf8_lossy(&playing.await.unwrap()).into_owned();
        assert!(sent.contains(opening), "{channel_binding}: {sent:?}");
    }
}

#[tokio::test]
async fn a_certificate_that_must_be_asked_for_is() {
    let rcgen::CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(["etl".to_owned()]).unwrap();
    for (mode, expected) in [("allow", "ok"), ("require", "tls")] {
        // This server requests no client certificate, like one without `ssl_ca_file`.
        let script = vec![say(request(5, b"salt")), say(welcome()), say(row())];
        let (port, playing) = direct(&[b"postgresql"], script).await;
        let extra = json!({
            "sslmode": "require", "sslnegotiation": "direct", "sslcertmode": mode,
            "sslcert": cert.pem(), "sslkey": signing_key.serialize_pem(),
        });
        let (verdict, trace) = probe(&[port], extra).await;
        if let Err(failure) = &verdict {
            assert_eq!(failure.reason.as_str(), "client_certificate_unasked", "{failure:?}");
        }
        assert_eq!(class(verdict), expected, "{mode}");
        assert_eq!(trace.credential_sent, expected == "ok", "{mode}");
        assert_eq!(playing.await.unwrap().is_empty(), expected != "ok", "not even the login's name was said: {mode}");
    }
}
