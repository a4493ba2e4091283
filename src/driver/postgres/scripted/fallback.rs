//! Falling back from one kind of channel to the other, as libpq does with `sslmode` `prefer` and `allow`, and where
//! that must not happen. The order is that of libpq 16 and 17 (fe-connect.c: `connection_failed`, and `PQconnectPoll`
//! before it).

use super::*;

/// A server that follows one script for each connection, in order; returns what each was sent.
pub(super) async fn server_of(scripts: Vec<Vec<Line>>) -> (u16, JoinHandle<Vec<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let playing = tokio::spawn(async move {
        let mut all = Vec::new();
        for script in scripts {
            let Ok(Ok((stream, _))) = tokio::time::timeout(Duration::from_millis(500), listener.accept()).await else {
                break;
            };
            all.push(play(stream, script).await);
        }
        all
    });
    (port, playing)
}

/// A TLS alert in place of the `ServerHello`: handshake failure.
fn broken_handshake() -> Vec<Line> {
    vec![say("S"), say([0x15, 3, 3, 0, 2, 2, 40])]
}

pub(super) fn login() -> Vec<Line> {
    vec![say(request(5, b"salt")), say(welcome()), say(row())]
}

#[tokio::test]
async fn after_a_failed_handshake_prefer_goes_on_in_clear_and_says_so() {
    for (name, broken) in [("an alert", broken_handshake()), ("a close", vec![say("S"), say("")])] {
        let (port, playing) = server_of(vec![broken, login()]).await;
        let (verdict, trace) = probe(&[port], json!({"sslmode": "prefer"})).await;
        assert_eq!(verdict, Ok(()), "{name}");
        assert!(trace.warnings.iter().any(|warning| warning.code == WarningCode::TlsGivenUp), "{name}");
        assert_eq!(playing.await.unwrap().len(), 2, "{name}");
    }
}

#[tokio::test]
async fn after_a_failed_handshake_no_other_mode_goes_on() {
    for sslmode in ["require", "verify-ca", "verify-full"] {
        let (port, playing) = server_of(vec![broken_handshake(), login()]).await;
        let (verdict, trace) = probe(&[port], json!({"sslmode": sslmode})).await;
        assert_eq!(class(verdict), "tls", "{sslmode}");
        assert!(!trace.credential_sent && playing.await.unwrap().len() == 1, "{sslmode}");
    }
}

#[tokio::test]
async fn what_the_run_demands_is_not_weakened_by_a_failed_handshake() {
    let (port, playing) = server_of(vec![broken_handshake(), login()]).await;
    let definition = json!({"host": "localhost", "port": port, "login": "etl", "password": CANARY});
    let plan = Postgres.plan(&connection(&definition)).unwrap();
    let mut attempt = attempt(Duration::from_secs(5));
    attempt.policy.require_tls = true;
    assert_eq!(class(plan.probe.run(&attempt).await), "tls");
    assert_eq!(playing.await.unwrap().len(), 1);
}

#[tokio::test]
async fn where_clear_text_is_no_better_the_handshake_is_what_failed() {
    let hba = || {
        refusal(&["SFATAL", "C28000", "Mno pg_hba.conf entry for host \"a\", no encryption", "RClientAuthentication"])
    };
    for (name, second, expected) in [
        ("nothing there", vec![], "tls"),
        ("nonsense", vec![say("HTTP/1.1 400 Bad Request\r\n\r\n")], "tls"),
        ("TLS is demanded", vec![say(hba())], "tls"),
        ("a pooler demands TLS", vec![say(refusal(&["SFATAL", "C08P01", "MSSL required"]))], "tls"),
        ("the server's own answer", vec![say(refusal(&["SFATAL", "C3D000", "Mno such database"]))], "not_found"),
        ("a wrong password", vec![say(request(3, b"")), say(refusal(&["SFATAL", "C28P01", "Mno"]))], "auth"),
    ] {
        let (port, _playing) = server_of(vec![broken_handshake(), second]).await;
        let (verdict, trace) = probe(&[port], json!({"sslmode": "prefer"})).await;
        assert_eq!(class(verdict), expected, "{name}");
        let warned = trace.warnings.iter().any(|warning| warning.code == WarningCode::TlsGivenUp);
        assert_eq!(warned, expected != "tls", "{name}");
    }
}

#[tokio::test]
async fn allow_goes_on_with_tls_after_any_refusal_in_clear_before_the_secret_has_left() {
    // Refusals of clear text with other texts than pg_hba.conf's: PgBouncer src/client.c, Amazon's RDS Proxy manual,
    // neondatabase/neon proxy, Supavisor ssl_required_error.ex.
    for fields in [
        &["SFATAL", "C08P01", "MSSL required"][..],
        &["SFATAL", "C28000", "MThis RDS Proxy requires TLS connections"],
        &["SERROR", "CXX000", "Mconnection is insecure (try using `sslmode=require`)"],
        &["SFATAL", "CXX000", "M(ESSLREQUIRED) SSL connection is required for user: etl"],
        &["SFATAL", "C28000", "Mno pg_hba.conf entry for host \"10.0.0.7\", user \"etl\", no encryption"],
    ] {
        // The second connection requests TLS, and this server then breaks the handshake; the request is what counts.
        let (port, playing) = server_of(vec![vec![say(refusal(fields))], broken_handshake()]).await;
        let (verdict, trace) = probe(&[port], json!({"sslmode": "allow"})).await;
        let sent = playing.await.unwrap();
        assert!(sent.get(1).is_some_and(|second| second.starts_with(SSL_REQUEST)), "{fields:?}");
        assert_eq!(class(verdict), "tls", "{fields:?}");
        assert!(!trace.credential_sent);
    }
}

#[tokio::test]
async fn no_second_way_is_tried_once_the_secret_has_left_or_where_it_would_change_nothing() {
    let wrong = refusal(&["SFATAL", "C28P01", "Mpassword authentication failed"]);
    let full = refusal(&["SFATAL", "C53300", "Msorry, too many clients already"]);
    for (name, script, expected) in [
        ("a wrong password", vec![say(request(3, b"")), say(wrong)], "auth"),
        ("no connection free", vec![say(full)], "busy"),
    ] {
        let (port, playing) = server_of(vec![script, login()]).await;
        let (verdict, _) = probe(&[port], json!({"sslmode": "allow"})).await;
        assert_eq!(class(verdict), expected, "{name}");
        assert_eq!(playing.await.unwrap().len(), 1, "{name}");
    }
}
