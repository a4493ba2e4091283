//! Whole login attempts against scripted servers: the behaviour of peers that are not SQL Server, or are hostile.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::Mssql;
use super::encryption::{Check, Level, Security};
use super::greeting::Peer;
use crate::driver::attempt::Trace;
use crate::driver::{Attempt, Driver, Policy, Recorder};
use crate::model::class::Class;
use crate::model::connection::{Connection, Origin};
use crate::model::extra::Extra;
use crate::model::failure::{Failure, Speaker};
use crate::model::phase::Phase;
use crate::model::reason::{Field, ReasonCode};
use crate::model::result::Address;
use crate::model::secret::Secret;
use crate::net::Network;
use crate::net::dial::{Endpoint, Wire};

mod encrypted;
mod refusals;

/// The type of LOGIN7.
const LOGIN: u8 = 0x10;

/// The actions of a scripted server.
enum Step {
    /// Reads a message.
    Read,
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends these bytes as long as the client reads.
    Flood(Vec<u8>),
}
use Step::{Flood, Read, Send};

/// A packet of a response.
fn response(status: u8, payload: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(payload.len() + 8).unwrap().to_be_bytes();
    [&[4, status, high, low, 0, 0, 0, 0][..], payload].concat()
}

fn prelogin(encryption: u8) -> Step {
    Send(response(1, &[0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 16, 0, 3, 0xe8, 0, 0, encryption]))
}

/// A token with a 16-bit length.
fn token(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &u16::try_from(body.len()).unwrap().to_le_bytes(), body].concat()
}

/// An ENVCHANGE token that routes the login to `host`.
fn routing(host: &str, port: u16) -> Vec<u8> {
    let name: Vec<u8> = host.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let length = u16::try_from(host.len()).unwrap().to_le_bytes();
    let route = [&[0][..], &port.to_le_bytes(), &length, &name].concat();
    token(0xe3, &[&[20][..], &u16::try_from(route.len()).unwrap().to_le_bytes(), &route, &[0, 0]].concat())
}

/// A DONE token, and nothing else.
const DONE: [u8; 13] = [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

async fn play(listener: TcpListener, script: Vec<Step>) -> Vec<u8> {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut kinds = Vec::new();
    for step in script {
        match step {
            Read => kinds.extend(read(&mut stream).await),
            Send(bytes) => stream.write_all(&bytes).await.unwrap(),
            Flood(bytes) => while stream.write_all(&bytes).await.is_ok() {},
        }
    }
    // It closes its end, and still reads what the client sends.
    let _already_gone = stream.shutdown().await;
    while let Some(kind) = read(&mut stream).await {
        kinds.push(kind);
    }
    kinds
}

/// The type of the next packet, if there is one.
async fn read(stream: &mut TcpStream) -> Option<u8> {
    let packet = async {
        let mut header = [0; 8];
        stream.read_exact(&mut header).await.ok()?;
        let mut rest = vec![0; usize::from(u16::from_be_bytes([header[2], header[3]])).checked_sub(8)?];
        stream.read_exact(&mut rest).await.ok()?;
        Some(header[0])
    };
    tokio::time::timeout(Duration::from_millis(100), packet).await.ok()?
}

fn attempt(policy: Policy) -> Attempt {
    Attempt {
        network: Arc::new(Network::new()),
        policy,
        deadline: Instant::now() + Duration::from_secs(10),
        recorder: Arc::new(Recorder::default()),
        controls: Arc::default(),
        expected: Arc::default(),
    }
}

/// A login as `sa` to a server on this machine.
fn definition(port: u16, extra: Value) -> Connection {
    let mut connection =
        Connection::new(Origin { source: "test".to_owned(), line: None, pointer: String::new(), occurrence: 0 });
    connection.host = Some("127.0.0.1".to_owned());
    connection.port = Some(port);
    connection.login = Some("sa".to_owned());
    connection.password = Some(Secret::new("hunter2".to_owned()));
    let Value::Object(extra) = extra else { unreachable!() };
    connection.extra = Extra::new(extra);
    connection
}

/// The verdict on a server that follows `script`, the trace, and the types of the packets that the server received.
async fn probe(extra: Value, script: Vec<Step>) -> (Result<(), Failure>, Trace, Vec<u8>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let connection = definition(listener.local_addr().unwrap().port(), extra);
    let server: JoinHandle<Vec<u8>> = tokio::spawn(play(listener, script));
    let attempt = attempt(Policy::default());
    let verdict = Mssql.plan(&connection).unwrap().probe.run(&attempt).await;
    (verdict, attempt.recorder.snapshot(), server.await.unwrap())
}

/// An ERROR token, and the DONE that ends the answer.
fn refusal(number: u32, text: &str) -> Step {
    let text: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let length = u16::try_from(text.len() / 2).unwrap().to_le_bytes();
    let body = [&number.to_le_bytes()[..], &[1, 14], &length, &text, &[0, 0], &1_u32.to_le_bytes()].concat();
    Send(response(1, &[token(0xaa, &body), DONE.to_vec()].concat()))
}

#[tokio::test]
async fn a_server_that_is_none_is_named_at_once_and_sees_no_login() {
    let prelogin_without_end = || Flood(response(0, &[0; 64]));
    for (name, extra, script, class) in [
        ("SSH", json!({}), vec![Send(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec())], Class::Protocol),
        ("HTTP", json!({}), vec![Read, Send(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())], Class::Protocol),
        ("a TLS alert", json!({}), vec![Read, Send(b"\x15\x03\x03\0\x02\x02\x46".to_vec())], Class::Protocol),
        ("an endless answer", json!({}), vec![Read, prelogin_without_end()], Class::Protocol),
        ("an impossible packet", json!({}), vec![Read, Send(vec![4, 1, 0, 7, 0, 0, 0, 0])], Class::Protocol),
        ("an answer without options", json!({}), vec![Read, Send(response(1, &[0xff]))], Class::Protocol),
        (
            "options outside the answer",
            json!({}),
            vec![Read, Send(response(1, &[0, 255, 255, 0, 6, 0xff]))],
            Class::Protocol,
        ),
        ("an unknown encryption", json!({}), vec![Read, prelogin(9)], Class::Protocol),
        ("half an answer", json!({}), vec![Read, Send(vec![4, 1, 0])], Class::Closed),
        ("nothing", json!({}), vec![Read], Class::Unreachable),
        ("no encryption", json!({"encryption": "require"}), vec![Read, prelogin(2)], Class::Tls),
        ("less encryption", json!({"Encrypt": "yes"}), vec![Read, prelogin(0)], Class::Tls),
        ("unwanted encryption", json!({"encryption": "off"}), vec![Read, prelogin(3), Read], Class::Closed),
        ("no TLS after all", json!({}), vec![Read, prelogin(1), Read, Send(response(1, &DONE))], Class::Protocol),
        (
            "TLS outside of packets",
            json!({}),
            vec![Read, prelogin(1), Read, Send(b"\x16\x03\x03\0\x04....".to_vec())],
            Class::Protocol,
        ),
        ("no TLS at all", json!({"encryption": "strict"}), vec![Read], Class::Unreachable),
    ] {
        let began = Instant::now();
        let (verdict, trace, received) = probe(extra, script).await;
        let failure = verdict.expect_err(name);
        assert_eq!(failure.class, class, "{name}: {failure:?}");
        assert!(began.elapsed() < Duration::from_secs(5), "{name}: {:?}", began.elapsed());
        assert!(!trace.credential_sent && !received.contains(&LOGIN), "{name}: a login was sent");
    }
}

/// If a definition names authorities, only a server that they certified is acceptable; FreeTDS checks that only where
/// it encrypts.
#[tokio::test]
async fn a_login_that_authorities_are_named_for_is_never_sent_in_clear() {
    let pem = "-----BEGIN CERTIFICATE-----";
    for (extra, field) in [
        (json!({"cafile": pem}), Some("extra.cafile")),
        (json!({"TrustServerCertificateCA": pem}), Some("extra.TrustServerCertificateCA")),
        (json!({"cafile": pem, "encryption": "request"}), Some("extra.cafile")),
        (json!({"cafile": pem, "encryption": "default"}), Some("extra.cafile")),
        (json!({"cafile": pem, "Encrypt": "no"}), Some("extra.cafile")),
        (json!({"cafile": pem, "HostNameInCertificate": "sql.example"}), Some("extra.cafile")),
        (json!({"cafile": pem, "encryption": "require"}), Some("extra.encryption")),
        (json!({"cafile": pem, "encryption": "off"}), None),
        (json!({}), None),
        (json!({"Encrypt": "no", "TrustServerCertificate": "no"}), None),
    ] {
        let (verdict, trace, received) = probe(extra.clone(), vec![Read, prelogin(2), Read]).await;
        let failure = verdict.expect_err("nobody answers");
        let Some(field) = field else {
            assert!(trace.credential_sent && received.contains(&LOGIN), "{extra}: {failure:?}");
            continue;
        };
        assert_eq!((failure.class, failure.reason), (Class::Tls, ReasonCode::TlsNotOffered), "{extra}");
        assert_eq!(failure.fields.to_vec(), [Field::named(field)], "{extra}");
        assert!(!trace.credential_sent && !received.contains(&LOGIN), "{extra}: a login was sent");
    }
}

#[tokio::test]
async fn whatever_a_server_answers_to_a_login_it_ends_in_time_and_breaks_nothing() {
    let info = token(0xab, &[0; 64]);
    let feature = [&[0xae, 0x01][..], &u32::MAX.to_le_bytes(), &[0; 32]].concat();
    for (name, script, class) in [
        ("it hangs up", vec![], Class::Closed),
        ("endless messages", vec![Flood(response(0, &info))], Class::Protocol),
        ("a token that is none", vec![Send(response(1, &[0x01; 32]))], Class::Protocol),
        ("a feature of 4 GiB", vec![Send(response(1, &feature))], Class::Protocol),
        ("a login without a session", vec![Send(response(1, &DONE)), Read], Class::Closed),
        ("a session without a row", vec![Send(response(1, &DONE)), Read, Send(response(1, &DONE))], Class::Protocol),
        (
            "an error that is cut off",
            vec![Send(response(1, &token(0xaa, &[0x18, 0x48, 0, 0, 1, 14, 0xff, 0xff])))],
            Class::Protocol,
        ),
    ] {
        let began = Instant::now();
        let script = [vec![Read, prelogin(2), Read], script].into_iter().flatten().collect();
        let (verdict, trace, _) = probe(json!({}), script).await;
        let failure = verdict.expect_err(name);
        assert_eq!(failure.class, class, "{name}: {failure:?}");
        assert!(began.elapsed() < Duration::from_secs(5), "{name}: {:?}", began.elapsed());
        assert!(trace.credential_sent, "{name}");
    }
}

#[tokio::test]
async fn a_secret_is_not_sent_where_a_server_sends_it_on_to() {
    for host in ["169.254.169.254", "127.0.0.1", "replica.example"] {
        let script = vec![Read, prelogin(2), Read, Send(response(1, &[routing(host, 1433), DONE.to_vec()].concat()))];
        let (verdict, trace, received) = probe(json!({}), script).await;
        let failure = verdict.expect_err(host);
        assert_eq!((failure.class, trace.phase()), (Class::Policy, Some(Phase::Auth)), "{failure:?}");
        assert_eq!(failure.detail, Some(format!("routed to {host}:1433").into()));
        assert_eq!(received, [0x12, LOGIN]);
    }
}

#[tokio::test]
async fn an_unencrypted_way_to_another_machine_is_a_warning_or_what_the_run_says() {
    for (require_tls, verify_tls, admitted) in [(false, false, true), (true, false, false), (false, true, false)] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap();
        let server = tokio::spawn(play(listener, vec![Read, prelogin(2)]));
        let attempt = attempt(Policy { require_tls, verify_tls, ..Policy::default() });
        let wire = attempt.dial(&Endpoint::Tcp { host: here.ip().to_string(), port: here.port() }).await.unwrap();
        let wire = Wire { address: Address::Ip("203.0.113.7:1433".parse().unwrap()), ..wire };
        let security = Security { level: Level::Request, check: Check::Never, ca: None, name: None };
        let greeted = Peer { host: "db1.example", instance: None, security: &security, authorities: None }
            .greet(&attempt, wire)
            .await;
        let trace = attempt.recorder.snapshot();
        match greeted.err() {
            None => {
                let codes: Vec<&str> = trace.warnings.iter().map(|warning| warning.code.as_str()).collect();
                assert!(admitted && codes == ["tls_absent", "password_in_clear"], "{codes:?}");
            }
            Some(failure) => assert!(!admitted && failure.class == Class::Tls, "{failure:?}"),
        }
        assert_eq!(server.await.unwrap(), [0x12], "a login was sent");
    }
}

/// Before SQL Server 2022 a server waits for the rest of what it takes for a PRELOGIN; a second connection reveals
/// this.
#[tokio::test]
async fn a_server_that_is_silent_to_strict_encryption_is_asked_in_clear() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let (_silent, _) = listener.accept().await.unwrap();
        play(listener, vec![Read, prelogin(2)]).await
    });
    let began = Instant::now();
    let attempt = attempt(Policy::default());
    let verdict = Mssql.plan(&definition(port, json!({"Encrypt": "strict"}))).unwrap().probe.run(&attempt).await;
    let failure = verdict.unwrap_err();
    assert_eq!((failure.class, failure.reason), (Class::Tls, ReasonCode::TlsNotSpoken), "{failure:?}");
    assert_eq!(attempt.recorder.snapshot().phase(), Some(Phase::Tls));
    assert!(began.elapsed() < Duration::from_secs(5) && !attempt.recorder.snapshot().credential_sent);
    assert_eq!(server.await.unwrap(), [0x12], "a login was sent");
}

/// A server that supports at most TLS 1.1 closes the connection on the first message of TLS 1.2.
#[tokio::test]
async fn a_server_that_hangs_up_on_tls_is_probably_too_old() {
    let (verdict, ..) = probe(json!({}), vec![Read, prelogin(1), Read]).await;
    let failure = verdict.unwrap_err();
    assert_eq!(failure.reason, ReasonCode::TlsVersionUnsupported, "{failure:?}");
}

#[tokio::test]
async fn a_certificate_file_that_is_not_there_is_a_failure_before_anybody_is_dialled() {
    let (verdict, trace) = {
        let attempt = attempt(Policy::default());
        // No server listens on this port.
        let plan = Mssql.plan(&definition(1, json!({"cafile": "no-such-file.pem"}))).unwrap();
        (plan.probe.run(&attempt).await, attempt.recorder.snapshot())
    };
    assert_eq!(verdict.unwrap_err().class, Class::Policy);
    assert_eq!(trace.phase(), None);
}

/// A text of a result set.
fn nvarchar(text: &str) -> Vec<u8> {
    let text: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    [&u16::try_from(text.len()).unwrap().to_le_bytes()[..], &text].concat()
}

/// Babelfish identifies itself in a property that SQL Server does not have.
#[tokio::test]
async fn babelfish_is_named_where_it_says_so() {
    const NULL: [u8; 2] = [0xff, 0xff];
    let accepted = [&[1, 0x74, 0, 0, 4, 1][..], &[b'B', 0], &[16, 0, 3, 0xe8]].concat();
    let column = [&[0; 6][..], &[0xe7, 0, 1, 0x09, 0x04, 0xd0, 0x00, 0x34, 0]].concat();
    let counted = [&[0xfd, 0x10, 0, 0, 0, 1][..], &[0; 7]].concat();
    for (property, server) in [(nvarchar("1"), "Babelfish"), (NULL.to_vec(), "SQL Server")] {
        let row = [&[0xd1][..], &nvarchar("sa"), &nvarchar("master"), &nvarchar("READ_WRITE"), &property].concat();
        let result = [&[0x81, 4, 0][..], &column.repeat(4), &row, &counted].concat();
        let welcome = [token(0xad, &accepted), DONE.to_vec()].concat();
        let script = vec![Read, prelogin(2), Read, Send(response(1, &welcome)), Read, Send(response(1, &result))];
        let (verdict, trace, _) = probe(json!({}), script).await;
        assert_eq!((verdict, trace.facts.server.as_deref()), (Ok(()), Some(server)));
        assert_eq!((trace.facts.user.as_deref(), trace.facts.database.as_deref()), (Some("sa"), Some("master")));
    }
}
