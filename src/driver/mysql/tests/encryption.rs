//! Logins in clear, and failed handshakes.

use super::*;
use crate::model::reason::Field;

#[tokio::test]
async fn a_plain_remote_login_warns_and_may_be_forbidden() {
    let codes = |trace: &Trace| trace.warnings.iter().map(|warning| warning.code.as_str()).collect::<Vec<_>>();
    for (script, expected) in [
        (vec![greeting(), Hear, packet(2, OK), Hear], vec!["tls_absent"]),
        (cold(KEY), vec!["tls_absent", "password_recoverable"]),
    ] {
        let (port, serving) = serve(script).await;
        let (verdict, trace) = log_in_remotely(port, Policy::default()).await;
        verdict.unwrap();
        assert_eq!(codes(&trace), expected);
        assert!(!contains(&serving.await.unwrap(), "canary-password"));
    }
    let demands = |require_tls, verify_tls| Policy { require_tls, verify_tls, ..Policy::default() };
    for policy in [demands(true, false), demands(true, true)] {
        let (port, serving) = serve(cold(KEY)).await;
        let (verdict, trace) = log_in_remotely(port, policy).await;
        assert_eq!(verdict.unwrap_err().class, Class::Tls);
        assert!(!trace.credential_sent);
        assert_eq!(serving.await.unwrap(), b"");
    }
}

#[tokio::test]
async fn without_the_tls_that_was_demanded_nothing_is_said() {
    for mode in [SslMode::Required, SslMode::VerifyCa, SslMode::VerifyIdentity] {
        let (port, serving) = serve(vec![greeting(), Hear]).await;
        let (verdict, trace) = log_in(Options { tls: Tls::for_tests(mode), ..settings(port) }).await;
        let failure = verdict.unwrap_err();
        assert_eq!((failure.class, failure.phase), (Class::Tls, Some(Phase::Tls)), "{mode:?}");
        assert!(!trace.credential_sent);
        assert_eq!(serving.await.unwrap(), b"", "{mode:?}");
    }
}

#[tokio::test]
async fn a_broken_handshake_costs_no_credential_and_is_not_gone_on_without() {
    for mode in [SslMode::Preferred, SslMode::Required] {
        let (port, serving) =
            serve(vec![packet(0, MARIADB), Hear, Say(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())]).await;
        let (verdict, trace) = log_in(Options { tls: Tls::for_tests(mode), ..settings(port) }).await;
        assert_eq!(verdict.unwrap_err().class, Class::Tls, "{mode:?}");
        assert_eq!(trace.phase(), Some(Phase::Tls));
        assert!(!trace.credential_sent);
        let heard = serving.await.unwrap();
        assert!(!contains(&heard, "etl") && !contains(&heard, "canary"), "{mode:?}");
    }
}

/// A refusal in clear, in place of the greeting or of the server's part of the handshake: no login was sent yet.
#[tokio::test]
async fn nobody_refuses_a_login_before_it_is_sent() {
    let refused = |code: u16, text: &str| [&[0xff][..], &code.to_le_bytes(), b"#28000", text.as_bytes()].concat();
    for (code, expected) in [(1045, Class::Server), (1049, Class::Server), (1040, Class::Busy), (1130, Class::Denied)] {
        for mode in [SslMode::Preferred, SslMode::Required, SslMode::VerifyCa, SslMode::VerifyIdentity] {
            for script in [
                vec![packet(0, refused(code, "said in clear"))],
                vec![packet(0, MARIADB), Hear, packet(2, refused(code, "said in clear"))],
            ] {
                let (port, serving) = serve(script).await;
                let (verdict, trace) = log_in(Options { tls: Tls::for_tests(mode), ..settings(port) }).await;
                let failure = verdict.unwrap_err();
                assert_eq!(failure.class, expected, "{code} {mode:?}");
                assert_eq!((failure.code, failure.detail), (Some(code.to_string()), Some("said in clear".into())));
                let of_login = [Field::LOGIN, Field::PASSWORD, Field::SCHEMA];
                assert!(!failure.fields.iter().any(|field| of_login.contains(field)), "{code} {mode:?}");
                assert!(!trace.credential_sent && !contains(&serving.await.unwrap(), "etl"), "{code} {mode:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_certificate_or_key_that_cannot_be_used_is_named() {
    let rcgen::CertifiedKey { cert, .. } = rcgen::generate_simple_self_signed(["etl".to_owned()]).unwrap();
    let broken = "-----BEGIN NOTHING-----";
    for (extra, field) in [
        (json!({"ssl_mode": "VERIFY_CA", "ssl": {"ca": broken}}), "ssl.ca"),
        (json!({"ssl_mode": "REQUIRED", "ssl": {"cert": broken, "key": broken}}), "ssl.cert"),
        (json!({"ssl_mode": "REQUIRED", "ssl": {"cert": cert.pem(), "key": broken}}), "ssl.key"),
        (json!({"ssl_mode": "REQUIRED", "ssl": {"cert": cert.pem()}}), "ssl.key"),
    ] {
        let (port, _serving) = serve(vec![packet(0, MARIADB), Hear]).await;
        let origin = Origin { source: String::new(), line: None, pointer: String::new(), occurrence: 0 };
        let connection = Connection {
            host: Some("127.0.0.1".to_owned()),
            port: Some(port),
            login: Some("etl".to_owned()),
            extra: Extra::new(extra.as_object().cloned().unwrap()),
            ..Connection::new(origin)
        };
        let (verdict, _) = log_in(Options::of(&connection).unwrap().0).await;
        let failure = verdict.unwrap_err();
        assert_eq!((failure.reason, failure.phase), (ReasonCode::BadCertificate, Some(Phase::Tls)), "{extra}");
        assert_eq!(failure.fields.to_vec(), [Field::extra(field)], "{extra}");
    }
}

/// OpenSSL accepts a server's certificate of version 1, and so do mariadb and mysqlclient with it; rustls does not.
#[tokio::test]
async fn a_certificate_of_version_1_is_named_as_such() {
    let (acceptor, authority) = version_1::server();
    for mode in ["VERIFY_CA", "VERIFY_IDENTITY"] {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let acceptor = acceptor.clone();
        let playing = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let length = u32::try_from(MARIADB.len()).unwrap().to_le_bytes();
            stream.write_all(&[&length[..3], &[0], MARIADB].concat()).await.unwrap();
            // The request for TLS: a header and 32 bytes.
            stream.read_exact(&mut [0; 36]).await.unwrap();
            assert!(acceptor.accept(stream).await.is_err());
        });
        let origin = Origin { source: String::new(), line: None, pointer: String::new(), occurrence: 0 };
        let extra = json!({"ssl_mode": mode, "ssl": {"ca": authority}});
        let connection = Connection {
            host: Some("127.0.0.1".to_owned()),
            port: Some(port),
            login: Some("etl".to_owned()),
            password: Some(Secret::new("hunter2".to_owned())),
            extra: Extra::new(extra.as_object().cloned().unwrap()),
            ..Connection::new(origin)
        };
        let (settings, _) = Options::of(&connection).unwrap();
        let (verdict, trace) = log_in(settings).await;
        let failure = verdict.unwrap_err();
        assert_eq!((failure.class, failure.reason), (Class::Tls, ReasonCode::CertificateOutdated), "{mode}");
        assert!(!trace.credential_sent, "{mode}");
        playing.await.unwrap();
    }
}
