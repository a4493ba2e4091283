//! Over TLS, and how it comes about.

use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

use super::*;
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

#[tokio::test]
async fn bytes_between_the_yes_and_the_handshake_are_not_used() {
    let (port, playing) = server(vec![say([b"S".to_vec(), welcome(), row()].concat())]).await;
    let (verdict, trace) = probe(&[port], json!({"sslmode": "require"})).await;
    assert!(verdict.is_err());
    assert!(!trace.credential_sent);
    assert!(!String::from_utf8_lossy(&playing.await.unwrap()).contains("etl"));
}

/// psql and mariadb log in there (OpenSSL takes version 1 for a server's certificate), rustls does not.
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

/// A server that speaks TLS from the first byte.
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
        // This server, as one without `ssl_ca_file`, asks for none.
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
