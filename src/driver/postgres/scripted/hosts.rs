//! Several hosts: which are tried, and which is used.

use super::*;
use crate::model::reason::{Deployment, ServerRole};

#[tokio::test]
async fn the_next_host_is_tried_after_busy_and_never_after_a_refusal() {
    for (first, expected) in [
        (refusal(&["SFATAL", "C57P03", "Mstarting up"]), "ok"),
        (Vec::new(), "ok"),
        (refusal(&["SFATAL", "C28P01", "Mno"]), "auth"),
        (refusal(&["SFATAL", "C3D000", "Mno"]), "not_found"),
    ] {
        let (one, _) = server(vec![say(first)]).await;
        let (two, playing) = server(vec![say(welcome()), say(row())]).await;
        let (verdict, trace) = probe(&[one, two], json!({"sslmode": "disable"})).await;
        assert_eq!(class(verdict), expected);
        assert_eq!(trace.address.unwrap().to_string().ends_with(&two.to_string()), expected == "ok");
        assert_eq!(was_asked(playing).await, expected == "ok");
    }
}

#[tokio::test]
async fn a_silent_first_host_leaves_time_for_the_next() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = (silent.local_addr().unwrap().port(), silent);
    let (verdict, _) = probe_within(Duration::from_millis(600), &[silent.0], json!({})).await;
    assert_eq!(class(verdict), "timeout");
    for (sslmode, script) in
        [("prefer", vec![say("N"), say(welcome()), say(row())]), ("disable", vec![say(welcome()), say(row())])]
    {
        let (other, _playing) = server(script).await;
        // The server that does not answer takes its share of this time.
        let (verdict, trace) =
            probe_within(Duration::from_secs(2), &[silent.0, other], json!({"sslmode": sslmode})).await;
        assert_eq!(verdict, Ok(()), "{sslmode}");
        assert!(trace.address.unwrap().to_string().ends_with(&other.to_string()), "{sslmode}");
    }
}

#[tokio::test]
async fn busy_after_the_credential_is_not_taken_to_the_next_host() {
    let waited = refusal(&["SFATAL", "C08P01", "Mquery_wait_timeout"]);
    for busy in [waited, refusal(&["SFATAL", "C57P03", "Mstarting up"])] {
        let (one, _) = server(vec![say(request(3, b"")), say(busy)]).await;
        let (two, playing) = server(vec![say(welcome()), say(row())]).await;
        let (_, trace) = probe(&[one, two], json!({"sslmode": "disable"})).await;
        assert!(trace.credential_sent && !was_asked(playing).await);
    }
}

#[tokio::test]
async fn silence_after_the_credential_is_not_taken_to_the_next_host() {
    let (one, _) = server(vec![say(request(3, b"")), say("")]).await;
    let (two, playing) = server(vec![say(welcome()), say(row())]).await;
    let (verdict, trace) = probe(&[one, two], json!({"sslmode": "disable"})).await;
    assert_eq!(class(verdict), "closed");
    assert!(trace.credential_sent && !was_asked(playing).await);
}

#[tokio::test]
async fn the_wanted_kind_of_session_is_looked_for() {
    for (wanted, expected) in [("primary", 0), ("standby", 1), ("prefer-standby", 1), ("read-only", 1), ("any", 0)] {
        let (one, _first) = server(vec![say(welcome()), say(row())]).await;
        let (two, _second) = server(vec![say(session("on")), say(row())]).await;
        let extra = json!({"sslmode": "disable", "target_session_attrs": wanted});
        let (verdict, trace) = probe(&[one, two], extra).await;
        assert_eq!(verdict, Ok(()), "{wanted}");
        assert!(trace.address.unwrap().to_string().ends_with(&[one, two][expected].to_string()), "{wanted}");
    }
    let (only, _playing) = server(vec![say(welcome()), say(row())]).await;
    let extra = |wanted: &str| json!({"sslmode": "disable", "target_session_attrs": wanted});
    let failure = probe(&[only], extra("standby")).await.0.unwrap_err();
    let role = Deployment::Role { role: ServerRole::Primary, wanted: "standby" };
    assert_eq!(failure.message, Failure::of(role).message);
    let (one, _first) = server(vec![say(welcome()), say(row())]).await;
    let (two, _second) = server(vec![say(welcome()), say(row())]).await;
    let (verdict, trace) = probe(&[one, two], extra("prefer-standby")).await;
    assert_eq!(verdict, Ok(()));
    assert!(trace.address.unwrap().to_string().ends_with(&one.to_string()), "the first that would do");
}
