//! Logins in clear, and handshakes that fail.

use super::*;

#[tokio::test]
async fn a_plain_login_afar_warns_and_may_be_forbidden() {
    let codes = |trace: &Trace| trace.warnings.iter().map(|warning| warning.code.as_str()).collect::<Vec<_>>();
    for (script, expected) in [
        (vec![greeting(), Hear, packet(2, OK), Hear], vec!["tls_absent"]),
        (cold(KEY), vec!["tls_absent", "password_recoverable"]),
    ] {
        let (port, serving) = serve(script).await;
        let (verdict, trace) = log_in_afar(port, Policy::default()).await;
        verdict.unwrap();
        assert_eq!(codes(&trace), expected);
        assert!(!contains(&serving.await.unwrap(), "canary-password"));
    }
    let demands = |require_tls, verify_tls| Policy { require_tls, verify_tls, ..Policy::default() };
    for policy in [demands(true, false), demands(true, true)] {
        let (port, serving) = serve(cold(KEY)).await;
        let (verdict, trace) = log_in_afar(port, policy).await;
        assert_eq!(verdict.unwrap_err().class, Class::Tls);
        assert!(!trace.credential_sent);
        assert_eq!(serving.await.unwrap(), b"");
    }
}

#[tokio::test]
async fn without_the_tls_that_was_demanded_nothing_is_said() {
    for mode in [SslMode::Required, SslMode::VerifyCa, SslMode::VerifyIdentity] {
        let (port, serving) = serve(vec![greeting(), Hear]).await;
        let (verdict, trace) = log_in(Settings { tls: Tls::for_tests(mode), ..settings(port) }).await;
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
        let (verdict, trace) = log_in(Settings { tls: Tls::for_tests(mode), ..settings(port) }).await;
        assert_eq!(verdict.unwrap_err().class, Class::Tls, "{mode:?}");
        assert_eq!(trace.phase(), Some(Phase::Tls));
        assert!(!trace.credential_sent);
        let heard = serving.await.unwrap();
        assert!(!contains(&heard, "etl") && !contains(&heard, "canary"), "{mode:?}");
    }
}
