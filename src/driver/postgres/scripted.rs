//! Logins against scripted servers: what a real one would say only when broken, or never.

use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::Postgres;
use super::tests::connection;
use crate::driver::attempt::{Recorder, Trace};
use crate::driver::{Attempt, Driver, Policy};
use crate::model::failure::Failure;
use crate::net::Network;

const CANARY: &str = "CANARYpw";
const SSL_REQUEST: &[u8] = &[0, 0, 0, 8, 4, 210, 22, 47];

/// What a server says next, given what it was sent last.
type Line = Box<dyn Fn(&[u8]) -> Vec<u8> + Send>;

fn say(bytes: impl Into<Vec<u8>>) -> Line {
    let bytes = bytes.into();
    Box::new(move |_| bytes.clone())
}

fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
    [&[tag], &length[..], body].concat()
}

fn request(kind: u32, body: &[u8]) -> Vec<u8> {
    message(b'R', &[&kind.to_be_bytes(), body].concat())
}

fn refusal(fields: &[&str]) -> Vec<u8> {
    let fields: Vec<u8> = fields.iter().flat_map(|field| [field.as_bytes(), &[0]].concat()).collect();
    message(b'E', &[&fields[..], &[0]].concat())
}

/// All that follows an accepted login.
fn welcome() -> Vec<u8> {
    session("off")
}

/// The same, with `in_hot_standby` on or off.
fn session(standby: &str) -> Vec<u8> {
    let parameters: Vec<u8> =
        [("server_version", "16.2"), ("in_hot_standby", standby), ("default_transaction_read_only", "off")]
            .iter()
            .flat_map(|(name, value)| message(b'S', format!("{name}\0{value}\0").as_bytes()))
            .collect();
    [request(0, &[]), parameters, message(b'K', &[0; 8]), message(b'Z', b"I")].concat()
}

/// The answer to the test query.
fn row() -> Vec<u8> {
    let column = b"\0\x01current_database\0\0\0\0\0\0\0\0\0\0\x13\0\x40\xff\xff\xff\xff\0\0";
    [message(b'T', column), message(b'D', b"\0\x01\0\0\0\x05sales"), message(b'C', b"SELECT 1\0"), message(b'Z', b"I")]
        .concat()
}

const MECHANISMS: &[u8] = b"SCRAM-SHA-256\0\0";

fn scram(rounds: &'static str) -> Vec<Line> {
    vec![say(request(10, MECHANISMS)), challenge(rounds)]
}

/// The answer to the client's nonce.
fn challenge(rounds: &'static str) -> Line {
    Box::new(move |sent| {
        let sent = String::from_utf8_lossy(sent).into_owned();
        let nonce = sent.split("r=").nth(1).unwrap_or_default().to_owned();
        request(11, format!("r={nonce}x,s=c2FsdA==,i={rounds}").as_bytes())
    })
}

/// What a server that knows the password has to say to the client's proof.
fn signature(sent: &[u8]) -> Vec<u8> {
    use aws_lc_rs::{hmac, pbkdf2};
    let last = std::str::from_utf8(&sent[5..]).unwrap();
    let (unproved, _) = last.split_once(",p=").unwrap();
    let nonce = unproved.split_once("r=").unwrap().1;
    let own = nonce.strip_suffix('x').unwrap();
    let signed = format!("n=,r={own},r={nonce},s=c2FsdA==,i=4096,{unproved}");
    let mut salted = [0; 32];
    let rounds = 4096.try_into().unwrap();
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, b"salt", CANARY.as_bytes(), &mut salted);
    let sign = |key: &[u8], data: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), data);
    let signature = sign(sign(&salted, b"Server Key").as_ref(), signed.as_bytes());
    request(12, format!("v={}", STANDARD.encode(signature)).as_bytes())
}

/// The whole of a good login by SCRAM.
fn scram_login() -> Vec<Line> {
    let mut script = scram("4096");
    script.push(Box::new(|sent| [signature(sent), welcome()].concat()));
    script.push(say(row()));
    script
}

/// Follows the script over one stream, then hangs up; gives all that it was sent.
async fn play<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, script: Vec<Line>) -> Vec<u8> {
    let mut all = Vec::new();
    let mut sent = vec![0; 4096];
    for line in script {
        let Ok(length @ 1..) = stream.read(&mut sent).await else { return all };
        all.extend_from_slice(&sent[..length]);
        if stream.write_all(&line(&sent[..length])).await.is_err() {
            return all;
        }
    }
    // A client in the middle of its login waits for more: to it this is a server that hangs up.
    let _ended = stream.shutdown().await;
    let _rest = stream.read_to_end(&mut all).await;
    all
}

/// A server that follows the script once.
async fn server(script: Vec<Line>) -> (u16, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let playing = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        play(stream, script).await
    });
    (port, playing)
}

/// Whether anybody came to a server.
async fn was_asked(playing: JoinHandle<Vec<u8>>) -> bool {
    tokio::time::timeout(Duration::from_millis(200), playing).await.is_ok()
}

fn attempt(limit: Duration) -> Attempt {
    Attempt {
        network: Arc::new(Network::new()),
        policy: Policy::default(),
        deadline: Instant::now() + limit,
        recorder: Arc::new(Recorder::default()),
    }
}

/// One probe of the hosts at `ports`.
async fn probe(ports: &[u16], extra: Value) -> (Result<(), Failure>, Trace) {
    probe_within(Duration::from_secs(5), ports, extra).await
}

async fn probe_within(limit: Duration, ports: &[u16], extra: Value) -> (Result<(), Failure>, Trace) {
    let hosts: Vec<String> = ports.iter().map(|port| format!("127.0.0.1:{port}")).collect();
    let definition = json!({"host": hosts.join(","), "login": "etl", "password": CANARY, "extra": extra});
    let plan = Postgres.plan(&connection(definition)).unwrap();
    let attempt = attempt(limit);
    (plan.probe.run(&attempt).await, attempt.recorder.snapshot())
}

/// One probe, in clear, of a server that follows the script.
async fn probe_in_clear(script: Vec<Line>) -> (Result<(), Failure>, Trace) {
    let (port, _playing) = server(script).await;
    probe(&[port], json!({"sslmode": "disable"})).await
}

fn class(verdict: Result<(), Failure>) -> &'static str {
    verdict.map_or_else(|failure| failure.class.as_str(), |()| "ok")
}

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
    let mut session = super::connect(&connection(definition), &attempt).await.unwrap();
    assert_eq!(session.rows("SELECT current_database()").await.unwrap(), [[Some("sales".to_owned())]]);
    session.close().await;
    let sent = playing.await.unwrap();
    assert!(sent.ends_with(&message(b'X', b"")), "a session ends with good-bye");
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
    for demand in [request(2, b""), request(6, b""), request(7, b""), request(9, b""), request(10, b"OAUTHBEARER\0\0")]
    {
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
        let warned = trace.warnings.iter().any(|warning| warning.code == "scram_weak");
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
    for proof in [vec![], request(12, b""), request(12, b"v=AAAA"), request(12, strange), request(12, b"e=other-error")]
    {
        let mut script = scram("4096");
        script.push(say([proof, welcome()].concat()));
        script.push(say(row()));
        let (verdict, trace) = probe_in_clear(script).await;
        let failure = verdict.unwrap_err();
        assert_eq!(failure.class.as_str(), "protocol");
        assert_eq!(failure.message, "the server could not prove that it knows the password (SCRAM)");
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
        // Another method, for which the password would be sent as it is.
        (vec![say(asked()), say(request(3, b""))], true),
        (vec![say(asked()), say(request(5, b"salt"))], true),
        // Nonces that are not ours, or are ours and nothing else.
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

#[tokio::test]
async fn refusals_are_classed_by_code_and_routine() {
    for (fields, expected) in [
        (vec!["SFATAL", "C28P01", "Mno", "Rauth_failed"], "auth"),
        (vec!["SFATAL", "C28000", "Mno", "Rauth_failed"], "auth"),
        (vec!["SFATAL", "C28000", "Mno", "RInitializeSessionUserId"], "auth"),
        // In clear, because the definition says so: TLS may be what is missing.
        (vec!["SFATAL", "C28000", "Mno", "RClientAuthentication"], "tls"),
        (vec!["SFATAL", "C28000", "Mno"], "auth"),
        (vec!["SFATAL", "C3D000", "Mno"], "not_found"),
        (vec!["SFATAL", "C57P03", "Mno", "RProcessStartupPacket"], "busy"),
        (vec!["SFATAL", "C57P01", "Mno"], "busy"),
        (vec!["SFATAL", "C08P01", "Mno such user"], "server"),
        (vec!["SFATAL", "CXYZZY", "Mno"], "server"),
        // PgBouncer before 1.25 could leave the code out.
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
    let limit = Duration::from_millis(600);
    let (verdict, _) = probe_within(limit, &[silent.0], json!({})).await;
    assert_eq!(class(verdict), "timeout");
    for (sslmode, script) in
        [("prefer", vec![say("N"), say(welcome()), say(row())]), ("disable", vec![say(welcome()), say(row())])]
    {
        let (other, _playing) = server(script).await;
        let (verdict, trace) = probe_within(limit, &[silent.0, other], json!({"sslmode": sslmode})).await;
        assert_eq!(verdict, Ok(()), "{sslmode}");
        assert!(trace.address.unwrap().to_string().ends_with(&other.to_string()), "{sslmode}");
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
    assert_eq!(failure.message, "the server is a primary, but extra `target_session_attrs` is `standby`");
    let (one, _first) = server(vec![say(welcome()), say(row())]).await;
    let (two, _second) = server(vec![say(welcome()), say(row())]).await;
    let (verdict, trace) = probe(&[one, two], extra("prefer-standby")).await;
    assert_eq!(verdict, Ok(()));
    assert!(trace.address.unwrap().to_string().ends_with(&one.to_string()), "the first that would do");
}

mod encrypted {
    use rustls::ServerConfig;
    use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
    use tokio_rustls::TlsAcceptor;

    use super::*;

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
}

/// What may be said to a server on another machine, and over which channel.
mod afar {
    use super::*;

    /// A server without TLS.
    #[derive(Clone, Copy, Debug)]
    enum Server {
        /// Asks for this proof.
        Plain(u32),
        /// Asks for SCRAM.
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
        let (port, playing) =
            server(server_kind.script(sslmode != "disable" && (sslmode != "allow" || demanded))).await;
        let definition = json!({
            "host": format!("127.0.0.1:{port}"), "login": "etl", "password": CANARY, "extra": {"sslmode": sslmode},
        });
        let plan = Postgres.plan(&connection(definition)).unwrap();
        let attempt = Attempt { network: Arc::new(Network::afar()), policy, ..attempt(Duration::from_secs(5)) };
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
                let codes: Vec<&str> = trace.warnings.iter().map(|warning| warning.code).collect();
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
}
