//! What is new in PostgreSQL 18: version 3.2 of the protocol and OAuth. Scripted from its manual ("Frontend/Backend
//! Protocol", "Message Formats", "SASL Authentication", "OAuth Authorization/Authentication"). 18.0 was observed to
//! send the same, and libpq 18.6 to end as the cases do.

use super::*;
use crate::model::reason::Field;

/// Probes a definition with `extra` and without a password.
async fn probe_without_password(port: u16, mut extra: Value) -> (Result<(), Failure>, Trace) {
    extra["sslmode"] = json!("disable");
    extra["port"] = json!(port.to_string());
    let definition = json!({"host": "127.0.0.1", "login": "etl", "extra": extra});
    let plan = Postgres.plan(&connection(&definition)).unwrap();
    let attempt = attempt(Duration::from_secs(5));
    (plan.probe.run(&attempt).await, attempt.recorder.snapshot())
}

/// All messages after an accepted login, with a key of `key` bytes.
fn welcome_with_key(key: usize) -> Vec<u8> {
    let key = [&[0, 0, 0, 7], &vec![b'k'; key][..]].concat();
    [request(0, &[]), message(b'S', b"server_version\x0018.0\0"), message(b'K', &key), message(b'Z', b"I")].concat()
}

/// The server supports at most 3.0 (`SendNegotiateProtocolVersion`, `src/backend/tcop/backend_startup.c`).
fn at_most_3_0() -> Vec<u8> {
    message(b'v', &[0, 3, 0, 0, 0, 0, 0, 0])
}

#[tokio::test]
async fn the_version_is_the_one_that_the_definition_asks_for() {
    for (extra, asked) in [
        (json!({}), 0),
        (json!({"max_protocol_version": "3.0"}), 0),
        (json!({"max_protocol_version": "3.2"}), 2),
        (json!({"min_protocol_version": "latest"}), 2),
    ] {
        let (port, playing) = server(vec![say(request(5, b"salt")), say(welcome_with_key(4)), say(row())]).await;
        let mut definition = extra.clone();
        definition["sslmode"] = json!("disable");
        let (verdict, _) = probe(&[port], definition).await;
        assert_eq!(verdict, Ok(()), "{extra}");
        assert_eq!(playing.await.unwrap()[4..8], [0, 3, 0, asked], "{extra}");
    }
}

#[tokio::test]
async fn longer_keys_are_those_of_the_later_version() {
    for (key, version, expected) in [
        (4, "3.0", "ok"),
        (4, "3.2", "ok"),
        (32, "3.2", "ok"),
        (256, "3.2", "ok"),
        (32, "3.0", "protocol"),
        (257, "3.2", "protocol"),
    ] {
        let script = vec![say(request(5, b"salt")), say(welcome_with_key(key)), say(row())];
        let (port, _playing) = server(script).await;
        let (verdict, _) = probe(&[port], json!({"sslmode": "disable", "max_protocol_version": version})).await;
        assert_eq!(class(verdict), expected, "{key} {version}");
    }
}

#[tokio::test]
async fn a_server_may_offer_3_0_where_that_is_admitted() {
    for (extra, expected) in [
        (json!({"sslmode": "disable", "max_protocol_version": "3.2"}), None),
        (json!({"sslmode": "disable", "min_protocol_version": "3.2"}), Some(Field::extra("min_protocol_version"))),
    ] {
        let mut script = scram_login();
        script[0] = say([at_most_3_0(), request(10, MECHANISMS)].concat());
        let (port, _playing) = server(script).await;
        let (verdict, trace) = probe(&[port], extra.clone()).await;
        assert_eq!(trace.credential_sent, expected.is_none(), "{extra}");
        match (verdict, expected) {
            (verdict, None) => assert_eq!(verdict, Ok(()), "{extra}"),
            (verdict, Some(field)) => {
                let failure = verdict.unwrap_err();
                let found = (failure.status.as_str(), failure.class.as_str(), failure.reason.as_str());
                assert_eq!(found, ("failed", "definition", "bad_field"));
                assert_eq!(*failure.fields, [field]);
            }
        }
    }
}

#[tokio::test]
async fn an_offer_that_nobody_asked_for_is_nonsense() {
    let offer = || say([at_most_3_0(), request(10, MECHANISMS)].concat());
    assert_eq!(class(probe_in_clear(vec![offer()]).await.0), "protocol");
    let late = vec![say(request(10, MECHANISMS)), say(at_most_3_0())];
    let (port, _playing) = server(late).await;
    let (verdict, _) = probe(&[port], json!({"sslmode": "disable", "max_protocol_version": "3.2"})).await;
    assert_eq!(class(verdict), "protocol");
}

/// Observed with `PgBouncer` 1.18 (fixed in 1.23, <https://github.com/pgbouncer/pgbouncer/pull/1007>); other products
/// send what PostgreSQL sends for another major version (`src/backend/tcop/backend_startup.c`).
#[tokio::test]
async fn who_refuses_the_later_version_is_answered_by_its_extra() {
    for said in [
        ["SFATAL", "C08P01", "Mbad packet header: '0000001f00030002'"],
        ["SFATAL", "C0A000", "Munsupported frontend protocol 3.2: server supports 3.0 to 3.0"],
    ] {
        for extra in ["max_protocol_version", "min_protocol_version"] {
            let (port, _playing) = server(vec![say(refusal(&said))]).await;
            let (verdict, trace) = probe(&[port], json!({"sslmode": "disable", extra: "3.2"})).await;
            let failure = verdict.unwrap_err();
            assert_eq!(
                (failure.class.as_str(), failure.reason.as_str()),
                ("definition", "setting_refused"),
                "{said:?}"
            );
            assert_eq!(*failure.fields, [Field::extra(extra)], "{said:?}");
            assert!(!trace.credential_sent);
        }
    }
}

/// libpq 18.6: "server requires OAuth authentication, but `oauth_issuer` and `oauth_client_id` are not both set". With
/// both it logs in by a browser or a hook of the application, which connprobe does not support.
#[tokio::test]
async fn a_server_that_wants_an_oauth_token_is_sent_nothing() {
    let demand = || say(request(10, b"OAUTHBEARER\0\0"));
    let both = json!({"oauth_issuer": "https://issuer.example/realm", "oauth_client_id": "etl"});
    for (mut extra, status, class, reason) in [
        (json!({}), "failed", "definition", "missing_field"),
        (json!({"oauth_issuer": "https://issuer.example/realm"}), "failed", "definition", "missing_field"),
        (both.clone(), "skipped", "unsupported", "method_unsupported"),
    ] {
        extra["sslmode"] = json!("disable");
        let (port, playing) = server(vec![demand()]).await;
        let (verdict, trace) = probe(&[port], extra.clone()).await;
        let failure = verdict.unwrap_err();
        let found = (failure.status.as_str(), failure.class.as_str(), failure.reason.as_str());
        assert_eq!(found, (status, class, reason), "{extra}");
        assert!(!trace.credential_sent);
        assert!(!String::from_utf8_lossy(&playing.await.unwrap()).contains(CANARY));
    }
    // Without a password nothing can be sent to a server that requests a token.
    let (port, _playing) = server(vec![demand()]).await;
    let (verdict, _) = probe_without_password(port, json!({})).await;
    assert_eq!(verdict.unwrap_err().reason.as_str(), "missing_field");
    // The server's choice decides: like libpq, the login sends a requested password even if the definition has OAuth's
    // extras.
    let mut extra = both;
    extra["sslmode"] = json!("disable");
    let (port, _playing) = server(scram_login()).await;
    assert_eq!(probe(&[port], extra).await.0, Ok(()));
}
