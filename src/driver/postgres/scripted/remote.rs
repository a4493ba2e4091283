//! What may be sent to a server on another machine, and over which channel.

use super::*;

/// A server without TLS.
#[derive(Clone, Copy, Debug)]
enum Server {
    /// Requests this method.
    Plain(u32),
    /// Requests SCRAM.
    Scram,
}

impl Server {
    fn script(self, tls_is_asked_for: bool) -> Vec<Line> {
        let mut script = match self {
            Self::Plain(kind) => {
                let salt = if kind == MD5 { &b"salt"[..] } else { b"" };
                vec![say(request(kind, salt)), say(welcome()), say(row())]
            }
            Self::Scram => scram_login(),
        };
        if tls_is_asked_for {
            script.insert(0, say("N"));
        }
        script
    }
}

const CLEARTEXT: u32 = 3;
const MD5: u32 = 5;

async fn log_in(server_kind: Server, sslmode: &str, policy: Policy) -> (Result<(), Failure>, Trace, Vec<u8>) {
    let demanded = policy.require_tls || policy.verify_tls;
    let (port, playing) = server(server_kind.script(sslmode != "disable" && (sslmode != "allow" || demanded))).await;
    let definition = json!({
        "host": "127.0.0.1", "port": port, "login": "etl", "password": CANARY, "extra": {"sslmode": sslmode},
    });
    let plan = Postgres.plan(&connection(&definition)).unwrap();
    let attempt = Attempt { network: Arc::new(Network::remote()), policy, ..attempt(Duration::from_secs(5)) };
    let verdict = plan.probe.run(&attempt).await;
    (verdict, attempt.recorder.snapshot(), playing.await.unwrap())
}

#[tokio::test]
async fn a_login_in_clear_is_warned_of_and_a_password_in_clear_twice() {
    for (kind, warnings, heard) in [
        (Server::Plain(CLEARTEXT), &["tls_absent", "password_in_clear"][..], true),
        (Server::Plain(MD5), &["tls_absent"], false),
        (Server::Scram, &["tls_absent"], false),
    ] {
        for sslmode in ["disable", "allow", "prefer"] {
            let (verdict, trace, said) = log_in(kind, sslmode, Policy::default()).await;
            assert_eq!(verdict, Ok(()), "{kind:?} {sslmode}");
            let codes: Vec<&str> = trace.warnings.iter().map(|warning| warning.code.as_str()).collect();
            assert_eq!(codes, warnings, "{kind:?} {sslmode}");
            let said_it = said.windows(CANARY.len()).any(|part| part == CANARY.as_bytes());
            assert_eq!(said_it, heard, "{kind:?} {sslmode}");
        }
    }
}

#[tokio::test]
async fn where_tls_is_demanded_not_even_the_login_s_name_is_said_without() {
    for kind in [Server::Plain(CLEARTEXT), Server::Plain(MD5), Server::Scram] {
        for (sslmode, said) in [("disable", &[][..]), ("allow", SSL_REQUEST), ("prefer", SSL_REQUEST)] {
            for (require_tls, verify_tls) in [(true, false), (false, true)] {
                let policy = Policy { require_tls, verify_tls, ..Policy::default() };
                let (verdict, trace, heard) = log_in(kind, sslmode, policy).await;
                assert_eq!(class(verdict), "tls", "{kind:?} {sslmode}");
                assert_eq!(heard, said, "{kind:?} {sslmode}");
                assert!(!trace.credential_sent);
            }
        }
    }
}
