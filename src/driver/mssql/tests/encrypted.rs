//! Scripted servers that go on to TLS: like Babelfish while it starts or stops, and like one that forces encryption.

use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::version::TLS12;
use tokio_rustls::TlsAcceptor;

use super::super::envelope::Envelope;
use super::*;
use crate::model::warning::WarningCode;
use crate::net::tls::version_1;

/// The encryption that a server offers in PRELOGIN: of the login only, and of everything or nothing.
const LOGIN_ONLY: u8 = 0;
const FORCED: u8 = 3;

/// Reads PRELOGIN, performs the TLS handshake, reads LOGIN7 and sends `answer`, all inside TLS.
async fn answer_inside_tls(listener: TcpListener, encryption: u8, answer: Step) {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let config = ServerConfig::builder_with_protocol_versions(&[&TLS12]).with_no_client_auth();
    let config = config.with_single_cert(vec![cert.der().clone()], key).unwrap();
    let (Send(greeting), Send(answer)) = (prelogin(encryption), answer) else { unreachable!() };

    let (mut stream, _) = listener.accept().await.unwrap();
    assert_eq!(read(&mut stream).await, Some(0x12));
    stream.write_all(&greeting).await.unwrap();
    let mut stream = TlsAcceptor::from(Arc::new(config)).accept(Envelope::sealed(stream)).await.unwrap();
    stream.get_mut().0.open();
    let mut login = [0; 4096];
    assert!(stream.read(&mut login).await.unwrap() > 8);
    assert_eq!(login[0], LOGIN);
    stream.write_all(&answer).await.unwrap();
    let _already_gone = stream.shutdown().await;
}

#[tokio::test]
async fn an_answer_inside_tls_is_read_whatever_was_agreed_on() {
    let _already_installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    for (extra, encryption, number, text, class, reason, warnings) in [
        // Babelfish 4.3: only the login was to be encrypted, but its refusal comes inside TLS.
        (
            json!({}),
            LOGIN_ONLY,
            33_557_097,
            "the database system is starting up",
            Class::Busy,
            ReasonCode::StartingUp,
            vec![],
        ),
        // FreeTDS goes on to TLS if the server forces it.
        (
            json!({"encryption": "off"}),
            FORCED,
            18456,
            "Login failed for user 'sa'.",
            Class::Auth,
            ReasonCode::LoginRefused,
            vec![WarningCode::EncryptionForced],
        ),
        (json!({}), FORCED, 18456, "Login failed for user 'sa'.", Class::Auth, ReasonCode::LoginRefused, vec![]),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let connection = definition(listener.local_addr().unwrap().port(), extra);
        let server = tokio::spawn(answer_inside_tls(listener, encryption, refusal(number, text)));
        let attempt = attempt(Policy::default());
        let verdict = Mssql.plan(&connection).unwrap().probe.run(&attempt).await;
        server.await.unwrap();
        let failure = verdict.expect_err(text);
        assert_eq!((failure.class, failure.reason), (class, reason), "{text}: {failure:?}");
        assert_eq!(failure.code, Some(number.to_string()), "{text}");
        let trace = attempt.recorder.snapshot();
        assert!(trace.credential_sent && trace.facts.tls.is_some(), "{text}");
        assert_eq!(trace.warnings.iter().map(|warning| warning.code).collect::<Vec<_>>(), warnings, "{text}");
    }
}

/// OpenSSL accepts a server's certificate of version 1, and so does FreeTDS with it; rustls does not.
#[tokio::test]
async fn a_certificate_of_version_1_is_named_as_such() {
    let (acceptor, authority) = version_1::server();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let playing = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        assert!(acceptor.accept(stream).await.is_err());
    });
    let attempt = attempt(Policy::default());
    let extra = json!({"Encrypt": "strict", "cafile": authority});
    let verdict = Mssql.plan(&definition(port, extra)).unwrap().probe.run(&attempt).await;
    let failure = verdict.unwrap_err();
    assert_eq!((failure.class, failure.reason), (Class::Tls, ReasonCode::CertificateOutdated), "{failure:?}");
    assert!(!attempt.recorder.snapshot().credential_sent);
    playing.await.unwrap();
}
