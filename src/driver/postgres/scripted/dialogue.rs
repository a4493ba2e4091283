//! A login and its test query: complete, broken off, out of order, malformed.

use super::*;

#[tokio::test]
async fn a_good_dialogue_is_a_login() {
    let (verdict, trace) = probe_in_clear(vec![say(request(5, b"salt")), say(welcome()), say(row())]).await;
    assert_eq!(verdict, Ok(()));
    let facts = trace.facts;
    assert_eq!(facts.version.as_deref(), Some("16.2"));
    assert_eq!(facts.database.as_deref(), Some("sales"));
    assert_eq!(facts.auth_method.as_deref(), Some("md5"));
    assert_eq!((facts.read_only, facts.server_proved), (Some(false), Some(false)));
}

#[tokio::test]
async fn a_session_can_be_read_from() {
    let (port, playing) = server(vec![say(welcome()), say(row()), say("")]).await;
    let definition = json!({"host": "127.0.0.1", "port": port, "login": "etl", "extra": {"sslmode": "disable"}});
    let attempt = attempt(Duration::from_secs(5));
    let mut session = connect(&connection(&definition), &attempt).await.unwrap();
    assert_eq!(session.rows("SELECT current_database()").await.unwrap(), [[Some("sales".to_owned())]]);
    session.close().await;
    let sent = playing.await.unwrap();
    assert!(sent.ends_with(&message(b'X', b"")), "a session ends with good-bye");
}

/// A restart or a failover may end the session between two queries: the error comes with the last answer, or later.
#[tokio::test]
async fn a_session_that_the_server_ends_says_so_at_the_next_query() {
    let shutdown = || refusal(&["SFATAL", "C57P01", "Mterminating connection due to administrator command"]);
    for script in
        [vec![say(welcome()), say([row(), shutdown()].concat())], vec![say(welcome()), say(row()), say(shutdown())]]
    {
        let (port, _playing) = server(script).await;
        let definition = json!({"host": "127.0.0.1", "port": port, "login": "etl", "extra": {"sslmode": "disable"}});
        let attempt = attempt(Duration::from_secs(5));
        let mut session = connect(&connection(&definition), &attempt).await.unwrap();
        session.rows("SELECT current_database()").await.unwrap();
        let failure = session.rows("SELECT 1").await.unwrap_err();
        assert_eq!(
            (failure.reason, failure.code.as_deref()),
            (crate::model::reason::ReasonCode::ShuttingDown, Some("57P01"))
        );
        session.close().await;
    }
}

#[tokio::test]
async fn every_cut_of_a_good_dialogue_is_a_closed_connection() {
    let script = [request(5, b"salt"), welcome(), row()];
    for (turn, line) in script.iter().enumerate() {
        for cut in 0..line.len() {
            let mut cut_script: Vec<Line> = script[..turn].iter().map(|line| say(line.clone())).collect();
            cut_script.push(say(&line[..cut]));
            let expected = if turn == 0 && cut == 0 { "unreachable" } else { "closed" };
            assert_eq!(class(probe_in_clear(cut_script).await.0), expected, "line {turn} cut at {cut}");
        }
    }
}

#[tokio::test]
async fn demands_that_we_lack_are_unsupported_and_get_nothing() {
    for demand in [request(2, b""), request(6, b""), request(7, b""), request(9, b""), request(10, b"EXTERNAL\0\0")] {
        let (port, playing) = server(vec![say(demand.clone())]).await;
        let (verdict, trace) = probe(&[port], json!({"sslmode": "disable"})).await;
        assert_eq!(class(verdict), "unsupported", "{}", demand.escape_ascii());
        assert!(!trace.credential_sent);
        assert!(!String::from_utf8_lossy(&playing.await.unwrap()).contains(CANARY));
    }
}

#[tokio::test]
async fn rounds_of_key_derivation_are_bounded() {
    for (rounds, expected, sent_twice) in [
        ("0", "protocol", false),
        ("100001", "protocol", false),
        ("2147483647", "protocol", false),
        ("99999999999999999999", "protocol", false),
        ("-1", "protocol", false),
        ("4096", "closed", true),
        ("1", "closed", true),
    ] {
        let (port, playing) = server(scram(rounds)).await;
        let (verdict, trace) = probe(&[port], json!({"sslmode": "disable"})).await;
        assert_eq!(class(verdict), expected, "{rounds}");
        let proofs = playing.await.unwrap().windows(3).filter(|bytes| bytes == b",p=").count();
        assert_eq!(proofs == 1, sent_twice, "{rounds}");
        let warned = trace.warnings.iter().any(|warning| warning.code.as_str() == "scram_weak");
        assert_eq!(warned, rounds == "1", "{rounds}");
    }
}

#[tokio::test]
async fn scram_proves_both_sides() {
    let (port, playing) = server(scram_login()).await;
    let (verdict, trace) = probe(&[port], json!({"sslmode": "disable"})).await;
    assert_eq!(verdict, Ok(()));
    assert_eq!(trace.facts.auth_method.as_deref(), Some("scram-sha-256"));
    assert_eq!((trace.facts.server_proved, trace.credential_sent), (Some(true), true));
    let sent = String::from_utf8_lossy(&playing.await.unwrap()).into_owned();
    assert!(sent.contains("SCRAM-SHA-256\0\0\0\0\x20n,,n=,r=") && !sent.contains(CANARY), "{sent}");
}

#[tokio::test]
async fn every_cut_of_a_scram_login_is_a_closed_connection() {
    type Answer = fn(&[u8]) -> Vec<u8>;
    let answers: [Answer; 3] = [|_| request(10, MECHANISMS), |sent| challenge("4096")(sent), signature];
    for (turn, answer) in answers.into_iter().enumerate() {
        for cut in [1, 4, 5, 8, 9, 15] {
            let mut script = scram_login();
            script.truncate(turn);
            script.push(Box::new(move |sent| answer(sent)[..cut].to_vec()));
            let (verdict, trace) = probe_in_clear(script).await;
            assert_eq!(class(verdict), "closed", "answer {turn} cut at {cut}");
            assert_eq!(trace.credential_sent, turn == 2, "answer {turn} cut at {cut}");
        }
    }
}

#[tokio::test]
async fn a_server_that_does_not_know_the_password_is_not_believed() {
    let strange = b"v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    for (proof, class, reason) in [
        (vec![], "protocol", "server_unproved"),
        (request(12, b""), "protocol", "server_unproved"),
        (request(12, b"v=AAAA"), "protocol", "server_unproved"),
        (request(12, strange), "protocol", "server_unproved"),
        (request(12, b"e=no-resources"), "protocol", "server_unproved"),
        (request(12, b"e=other-error"), "auth", "login_refused"),
        (request(12, b"e=invalid-proof,x=more"), "auth", "login_refused"),
    ] {
        let mut script = scram("4096");
        script.push(say([proof, welcome()].concat()));
        script.push(say(row()));
        let (verdict, trace) = probe_in_clear(script).await;
        let failure = verdict.unwrap_err();
        assert_eq!((failure.class.as_str(), failure.reason.as_str()), (class, reason));
        assert_eq!(trace.facts.server_proved, None);
        assert!(trace.credential_sent);
    }
}

#[tokio::test]
async fn a_server_out_of_turn_gets_no_proof() {
    let asked = || request(10, MECHANISMS);
    for (script, sent_first) in [
        (vec![say(request(11, b"r=a,s=c2FsdA==,i=4096"))], false),
        (vec![say(request(12, b"v=AAAA"))], false),
        (vec![say(asked()), say(request(12, b"v=AAAA"))], true),
        (vec![say(asked()), say(welcome()), say(row())], true),
        (vec![say(asked()), say(request(10, MECHANISMS))], true),
        // Another method, for which the password would be sent in clear.
        (vec![say(asked()), say(request(3, b""))], true),
        (vec![say(asked()), say(request(5, b"salt"))], true),
        // Nonces that do not continue the client's, or add nothing to it.
        (vec![say(asked()), say(request(11, b"r=rOprNGfwEbeRWgbNEkqO,s=c2FsdA==,i=4096"))], true),
        (
            vec![
                say(asked()),
                Box::new(|sent| {
                    let own = String::from_utf8_lossy(sent).split("r=").nth(1).unwrap().to_owned();
                    request(11, format!("r={own},s=c2FsdA==,i=4096").as_bytes())
                }),
            ],
            true,
        ),
    ] {
        let (port, playing) = server(script).await;
        let (verdict, trace) = probe(&[port], json!({"sslmode": "disable"})).await;
        let failure = verdict.unwrap_err();
        assert_eq!(failure.class.as_str(), "protocol", "{failure:?}");
        assert!(!trace.credential_sent, "{failure:?}");
        let sent = String::from_utf8_lossy(&playing.await.unwrap()).into_owned();
        assert_eq!(sent.contains("n,,n=,r="), sent_first, "{failure:?}");
        assert!(!sent.contains(CANARY) && !sent.contains(",p="), "{sent}");
    }
}

#[tokio::test]
async fn nonsense_is_stopped_at_once() {
    let flood = [request(0, &[]), message(b'S', b"a\0b\0").repeat(100_000)].concat();
    for (nonsense, seen) in [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), "an HTTP server"),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n".to_vec(), "an SSH server"),
        (b"220 mail.example ESMTP\r\n".to_vec(), "an SMTP or FTP server"),
        (b"-ERR unknown command\r\n".to_vec(), "a Redis server"),
        (b"\x4a\0\0\0\x0a8.4.3\0\x0b\0\0\0".to_vec(), "MySQL"),
        (vec![0; 64], ""),
        (vec![0xff; 64], ""),
        (request(42, b""), ""),
        (message(b'R', b""), ""),
        (b"R\0\0\0\0".to_vec(), ""),
        (b"S\x7f\xff\xff\xff".to_vec(), ""),
        (message(b'D', b"\0\0"), ""),
        (flood, ""),
    ] {
        for sslmode in ["disable", "prefer"] {
            let start = Instant::now();
            let (port, playing) = server(vec![say(nonsense.clone())]).await;
            let (verdict, _) = probe(&[port], json!({"sslmode": sslmode})).await;
            let failure = verdict.unwrap_err();
            let at = format!("{sslmode}: {} gave {failure:?}", nonsense[..nonsense.len().min(20)].escape_ascii());
            let ssh_as_tls = sslmode == "prefer" && nonsense[0] == b'S';
            assert!(failure.class.as_str() == "protocol" || ssh_as_tls && failure.class.as_str() == "tls", "{at}");
            assert!(failure.message.contains(seen), "{at}");
            assert!(start.elapsed() < Duration::from_secs(1), "{at}");
            if sslmode == "prefer" {
                let sent = playing.await.unwrap();
                assert!(!String::from_utf8_lossy(&sent).contains("etl"), "{at}: went on in clear");
            }
        }
    }
}

#[tokio::test]
async fn refusals_are_classed_by_code_and_routine() {
    for (fields, expected) in [
        (vec!["SFATAL", "C28P01", "Mno", "Rauth_failed"], "auth"),
        (vec!["SFATAL", "C28000", "Mno", "Rauth_failed"], "auth"),
        (vec!["SFATAL", "C28000", "Mno", "RInitializeSessionUserId"], "auth"),
        // In clear, because the definition asks for it: the missing TLS may be the cause.
        (vec!["SFATAL", "C28000", "Mno", "RClientAuthentication"], "tls"),
        (vec!["SFATAL", "C28000", "Mno"], "auth"),
        (vec!["SFATAL", "C3D000", "Mno"], "not_found"),
        (vec!["SFATAL", "C57P03", "Mno", "RProcessStartupPacket"], "busy"),
        (vec!["SFATAL", "C57P01", "Mno"], "busy"),
        (vec!["SFATAL", "C08P01", "Mno such user"], "auth"),
        (vec!["SFATAL", "C08P01", "Mno"], "server"),
        (vec!["SFATAL", "CXYZZY", "Mno"], "server"),
        // PgBouncer before 1.25 could omit the code.
        (vec!["SFATAL", "Mno"], "server"),
    ] {
        let (verdict, _) = probe_in_clear(vec![say(refusal(&fields))]).await;
        assert_eq!(class(verdict), expected, "{fields:?}");
    }
}

#[tokio::test]
async fn the_last_words_of_a_session_are_heard() {
    let shutdown = refusal(&["SFATAL", "C57P01", "Mterminating connection due to administrator command"]);
    let (verdict, trace) = probe_in_clear(vec![say(welcome()), say(shutdown)]).await;
    let failure = verdict.unwrap_err();
    assert_eq!(failure.code.as_deref(), Some("57P01"));
    assert_eq!(trace.phase().map(crate::model::phase::Phase::as_str), Some("query"));
}

#[tokio::test]
async fn the_answer_to_the_test_query_is_judged() {
    let rows = message(b'D', b"\0\x01\0\0\0\x05sales");
    let endless = [row()[..41].to_vec(), rows.repeat(200_000)].concat();
    let none = [message(b'C', b"SELECT 0\0"), message(b'Z', b"I")].concat();
    for (answer, expected) in
        [(endless, "protocol"), (none, "protocol"), (refusal(&["SERROR", "C42501", "Mno"]), "denied")]
    {
        let (verdict, _) = probe_in_clear(vec![say(welcome()), say(answer)]).await;
        assert_eq!(class(verdict), expected);
    }
}

#[tokio::test]
async fn nothing_but_the_server_s_word_is_an_acceptance() {
    let said = |code: &'static str| say(refusal(&["SFATAL", code, "Mno"]));
    let asked = || say(request(3, b""));
    for (script, expected) in [
        (vec![asked(), said("C28P01")], false),
        (vec![asked(), said("C3D000")], false),
        (vec![asked(), said("C53300")], false),
        (vec![asked(), said("C00000")], false),
        (vec![asked(), say([request(0, b""), refusal(&["SFATAL", "C3D000", "Mno"])].concat())], true),
        (vec![asked(), say(welcome()), say(row())], true),
        // An acceptance without a request.
        (vec![say(welcome()), say(row())], false),
    ] {
        let (_, trace) = probe_in_clear(script).await;
        assert_eq!(trace.credential_accepted, expected);
    }
    // PgBouncer looks for the database behind it after it has verified a SCRAM proof.
    let mut script = scram("4096");
    script.push(Box::new(|sent| [signature(sent), refusal(&["SFATAL", "C3D000", "Mno"])].concat()));
    let (verdict, trace) = probe_in_clear(script).await;
    assert_eq!((class(verdict), trace.credential_accepted), ("not_found", true));
}
