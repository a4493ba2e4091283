//! Logins against scripted servers that violate the protocol, and that no credential is sent to them.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt, join, sink};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::auth::tests::KEY;
use super::greeting::Greeting;
use super::greeting::tests::MARIADB;
use super::login;
use super::options::Options;
use super::probe::Login;
use super::tls::{SslMode, Tls};
use super::wire::Packets;
use crate::driver::attempt::Trace;
use crate::driver::{Attempt, Policy, Probe};
use crate::model::class::Class;
use crate::model::connection::{Connection, Origin};
use crate::model::extra::Extra;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::ReasonCode;
use crate::model::result::Address;
use crate::model::secret::Secret;
use crate::net::Network;
use crate::net::dial::Endpoint;
use crate::net::tls::version_1;

mod encryption;

/// The next action of a scripted server.
#[derive(Clone)]
enum Step {
    Say(Vec<u8>),
    /// Waits for a packet.
    Hear,
}

use Step::{Hear, Say};

/// A server for one client; what it read is returned when the client or the script has ended.
async fn serve(script: Vec<Step>) -> (u16, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = tokio::spawn(async move {
        let (client, _) = listener.accept().await.unwrap();
        let (from_client, mut client) = client.into_split();
        let mut packets = Packets::on(join(from_client, sink()));
        let mut heard = Vec::new();
        for step in script {
            match step {
                Say(bytes) => {
                    if client.write_all(&bytes).await.is_err() {
                        break;
                    }
                }
                Hear => {
                    packets.begin_again();
                    match packets.read().await {
                        Ok(payload) => heard.extend_from_slice(&payload),
                        Err(_) => break,
                    }
                }
            }
        }
        // Only one direction is closed, so that what the client still sends is not answered by a reset.
        let _gone_already = client.shutdown().await;
        let _gone_already = packets.into_stream().read_to_end(&mut heard).await;
        heard
    });
    (port, serving)
}

fn packet(sequence: u8, payload: impl AsRef<[u8]>) -> Step {
    let payload = payload.as_ref();
    let length = u32::try_from(payload.len()).unwrap().to_le_bytes();
    Say([&length[..3], &[sequence], payload].concat())
}

/// The greeting of a server without TLS.
fn greeting() -> Step {
    greeting_of(Greeting::parse(MARIADB).unwrap().server().1)
}

/// Like [`greeting`], with another version.
fn greeting_of(version: &str) -> Step {
    let payload = Greeting::parse(MARIADB).unwrap().for_crate();
    let end = payload.iter().position(|byte| *byte == 0).unwrap();
    packet(0, [&payload[..1], version.as_bytes(), &payload[end..]].concat())
}

fn switch(name: &str, nonce: &[u8]) -> Vec<u8> {
    [b"\xfe", name.as_bytes(), b"\0", nonce].concat()
}

const OK: &[u8] = b"\0\0\0\x02\0\0\0";

/// One row, one column, `1`.
fn row() -> Vec<Step> {
    vec![
        packet(1, b"\x01"),
        packet(2, b"\x03def\0\0\0\x011\0\x0c\x3f\0\x01\0\0\0\x03\x81\0\0\0\0"),
        packet(3, b"\x011"),
        packet(4, b"\xfe\0\0\x02\0\0\0"),
    ]
}

/// A login that succeeds.
fn success() -> Vec<Step> {
    [vec![greeting(), Hear, packet(2, OK), Hear], row(), vec![Hear]].concat()
}

fn settings(port: u16) -> Options {
    let endpoint = Endpoint::Tcp { host: "127.0.0.1".to_owned(), port };
    Options { endpoint, ..Options::for_tests() }
}

fn attempt(policy: Policy) -> Attempt {
    Attempt {
        network: Arc::new(Network::new()),
        policy,
        deadline: Instant::now() + Duration::from_secs(10),
        recorder: Arc::default(),
        controls: Arc::default(),
        expected: Arc::default(),
    }
}

async fn log_in(settings: Options) -> (Result<(), Failure>, Trace) {
    let attempt = attempt(Policy::default());
    let verdict = Login(settings).run(&attempt).await;
    (verdict, attempt.recorder.snapshot())
}

/// A login to a server that counts as one on another machine.
async fn log_in_remotely(port: u16, policy: Policy) -> (Result<(), Failure>, Trace) {
    let attempt = attempt(policy);
    let settings = settings(port);
    let near = [IpAddr::V4(Ipv4Addr::LOCALHOST)];
    let mut wire = attempt.network.connect(&settings.endpoint, &near, attempt.deadline).await.unwrap();
    wire.address = Address::Ip(([192, 0, 2, 1], 3306).into());
    let verdict = match login::log_in(wire, &settings.tls.material().unwrap(), &settings, &attempt).await {
        Ok(session) => {
            session.close().await;
            Ok(())
        }
        Err(failure) => Err(failure),
    };
    (verdict, attempt.recorder.snapshot())
}

fn contains(heard: &[u8], word: &str) -> bool {
    heard.windows(word.len()).any(|window| window == word.as_bytes())
}

#[tokio::test]
async fn a_login_says_who_we_are_and_goodbye() {
    let (port, serving) = serve(success()).await;
    let (verdict, trace) = log_in(settings(port)).await;
    verdict.unwrap();
    let heard = serving.await.unwrap();
    assert!(contains(&heard, "program_name") && contains(&heard, crate::driver::kit::CLIENT_NAME));
    assert_eq!(heard.last(), Some(&1), "COM_QUIT");
    assert_eq!(trace.facts.auth_method.as_deref(), Some("mysql_native_password"));
    assert_eq!(trace.phase(), Some(Phase::Query));
}

#[tokio::test]
async fn a_version_in_whatever_digits_harms_nobody() {
    for version in ["", "\u{661}\u{660}.\u{661}\u{661}.\u{669}-MariaDB", "\u{ff18}.\u{ff14}.\u{ff13}", "8.4.3\u{1b}[2J"]
    {
        let script = [vec![greeting_of(version)], success().split_off(1)].concat();
        let (port, _serving) = serve(script).await;
        let (verdict, trace) = log_in(settings(port)).await;
        assert_eq!((verdict, trace.facts.version.as_deref()), (Ok(()), Some(version)));
    }
}

#[tokio::test]
async fn a_server_that_knows_no_functions_is_asked_for_a_constant() {
    let unknown = || packet(1, b"\xff\x28\x04#42000You have an error");
    let script = [vec![greeting(), Hear, packet(2, OK), Hear, unknown(), Hear, unknown(), Hear], row(), vec![Hear]];
    let (port, serving) = serve(script.concat()).await;
    log_in(settings(port)).await.0.unwrap();
    assert!(contains(&serving.await.unwrap(), "SELECT 1"));
}

/// go-mysql-server, on which Dolt is based, behaves like this.
#[tokio::test]
async fn a_server_without_a_variable_still_says_who_and_where() {
    let unknown = packet(1, b"\xff\xa9\x04#HY000Unknown system variable 'innodb_read_only'");
    let columns = [
        packet(1, b"\x02"),
        packet(2, b"\x03def\0\0\0\x01u\0\x0c\x21\0\x40\0\0\0\xfd\0\0\0\0\0"),
        packet(3, b"\x03def\0\0\0\x01d\0\x0c\x21\0\x40\0\0\0\xfd\0\0\0\0\0"),
        packet(4, b"\x05etl@%\x05sales"),
        packet(5, b"\xfe\0\0\x02\0\0\0"),
    ];
    let script = [vec![greeting(), Hear, packet(2, OK), Hear, unknown, Hear], columns.to_vec(), vec![Hear]].concat();
    let (port, _serving) = serve(script).await;
    let (verdict, trace) = log_in(settings(port)).await;
    verdict.unwrap();
    let facts = trace.facts;
    assert_eq!((facts.user.as_deref(), facts.database.as_deref()), (Some("etl@%"), Some("sales")));
    assert_eq!(facts.read_only, None);
}

/// MariaDB behind a proxy that announces its client although the server does not accept that: the refusal follows the
/// greeting, at once or after the client's answer.
#[tokio::test]
async fn a_refusal_that_follows_the_greeting_is_read() {
    let refusal = b"\xff\x6a\x04#HY000Proxy header is not accepted from 127.0.0.1";
    for script in [vec![greeting(), packet(1, refusal)], vec![greeting(), Hear, packet(1, refusal)]] {
        let (port, _serving) = serve(script).await;
        let (verdict, _) = log_in(settings(port)).await;
        let failure = verdict.unwrap_err();
        assert_eq!((failure.class, failure.reason), (Class::Denied, ReasonCode::AddressDenied), "{failure:?}");
        assert_eq!(failure.code.as_deref(), Some("1130"));
    }
    // The client has requested TLS by then, so the refusal comes in place of the `ServerHello`.
    for mode in [SslMode::Preferred, SslMode::Required] {
        let (port, _serving) = serve(vec![packet(0, MARIADB), Hear, packet(1, refusal)]).await;
        let (verdict, trace) = log_in(Options { tls: Tls::for_tests(mode), ..settings(port) }).await;
        let failure = verdict.unwrap_err();
        assert_eq!((failure.class, failure.reason), (Class::Denied, ReasonCode::AddressDenied), "{failure:?}");
        assert_eq!(failure.code.as_deref(), Some("1130"));
        assert!(!trace.credential_sent);
    }
}

#[tokio::test]
async fn a_dialogue_cut_at_any_byte_is_never_a_success() {
    let said: usize = success().iter().map(|step| if let Say(bytes) = step { bytes.len() } else { 0 }).sum();
    for cut in 0..said {
        let mut left = cut;
        let mut script = Vec::new();
        for step in success() {
            match step {
                Say(mut bytes) if bytes.len() > left => {
                    bytes.truncate(left);
                    script.push(Say(bytes));
                    break;
                }
                Say(bytes) => {
                    left -= bytes.len();
                    script.push(Say(bytes));
                }
                Hear => script.push(Hear),
            }
        }
        let (port, serving) = serve(script).await;
        let (verdict, _) = log_in(settings(port)).await;
        let failure = verdict.expect_err("a cut dialogue");
        let expected = if cut == 0 { Class::Unreachable } else { Class::Closed };
        assert_eq!(failure.class, expected, "cut after {cut} bytes: {failure:?}");
        serving.await.unwrap();
    }
}

#[tokio::test]
async fn hostile_servers_get_nothing_and_are_named() {
    let after_login = |answer: &[u8]| vec![greeting(), Hear, packet(2, OK), Hear, packet(1, answer), Hear, Hear];
    let table: Vec<(&str, Vec<Step>, Class, ReasonCode)> = vec![
        (
            "1040",
            vec![packet(0, b"\xff\x10\x04#08004Too many connections")],
            Class::Busy,
            ReasonCode::TooManyConnections,
        ),
        ("1129", vec![packet(0, b"\xff\x69\x04Host 'h' is blocked")], Class::Denied, ReasonCode::AddressBlocked),
        ("1130", vec![packet(0, b"\xff\x6a\x04Host 'h' is not allowed")], Class::Denied, ReasonCode::AddressDenied),
        ("a code of its own", vec![packet(0, b"\xff\x0f\x27Go away")], Class::Server, ReasonCode::ServerError),
        ("X protocol", vec![Say(b"\x05\0\0\0\x0b\x08\x05\x1a\0".to_vec())], Class::Protocol, ReasonCode::NotUnderstood),
        (
            "protocol 9",
            vec![packet(0, b"\x093.23.58\0\x01\0\0\0abcdefgh\0")],
            Class::Protocol,
            ReasonCode::NotUnderstood,
        ),
        ("talks on", vec![greeting(), packet(1, OK)], Class::Protocol, ReasonCode::NotUnderstood),
        (
            "clear password",
            vec![greeting(), Hear, packet(2, switch("mysql_clear_password", b"")), Hear],
            Class::Policy,
            ReasonCode::SecretExposed,
        ),
        (
            "old password",
            vec![greeting(), Hear, packet(2, b"\xfe"), Hear],
            Class::Unsupported,
            ReasonCode::MethodUnsupported,
        ),
        (
            "an unknown method",
            vec![greeting(), Hear, packet(2, switch("x", b"")), Hear],
            Class::Unsupported,
            ReasonCode::MethodUnsupported,
        ),
        (
            "no nonce",
            vec![greeting(), Hear, packet(2, switch("caching_sha2_password", b"\0")), Hear],
            Class::Protocol,
            ReasonCode::NotUnderstood,
        ),
        ("an empty key", cold(""), Class::Protocol, ReasonCode::NotUnderstood),
        ("a key that is none", cold("-----BEGIN"), Class::Protocol, ReasonCode::NotUnderstood),
        (
            "fast for ever",
            [vec![greeting(), Hear, packet(2, switch("caching_sha2_password", &[7; 20])), Hear]]
                .concat()
                .into_iter()
                .chain((4..=20).map(|sequence| packet(sequence, [1, 3])))
                .collect(),
            Class::Protocol,
            ReasonCode::NotUnderstood,
        ),
        ("a file", after_login(b"\xfb/etc/passwd"), Class::Protocol, ReasonCode::FileRequested),
        (
            "half a result",
            vec![greeting(), Hear, packet(2, OK), Hear, packet(1, b"\x02")],
            Class::Closed,
            ReasonCode::ClosedDuringLogin,
        ),
        (
            "rows for ever",
            vec![greeting(), Hear, packet(2, OK), Hear]
                .into_iter()
                .chain(row().into_iter().take(2))
                .chain(
                    (3..40)
                        .map(|sequence| packet(sequence, [b"\xfd\x60\xea\0", vec![b'x'; 60_000].as_slice()].concat())),
                )
                .collect(),
            Class::Protocol,
            ReasonCode::TooMuchData,
        ),
    ];
    for (name, script, class, reason) in table {
        let (port, serving) = serve(script).await;
        let started = Instant::now();
        let (verdict, _) = log_in(settings(port)).await;
        let failure = verdict.expect_err(name);
        assert_eq!((failure.class, failure.reason), (class, reason), "{name}: {failure:?}");
        assert!(started.elapsed() < Duration::from_secs(5), "{name} took {:?}", started.elapsed());
        let heard = serving.await.unwrap();
        assert!(!contains(&heard, "canary-password"), "{name} heard the password");
        assert!(!contains(&heard, "root:"), "{name} heard a file");
    }
}

/// The server has no cached hash of the password, and requests the password itself.
fn cold(key: &str) -> Vec<Step> {
    vec![
        greeting(),
        Hear,
        packet(2, switch("caching_sha2_password", &[7; 20])),
        Hear,
        packet(4, [1, 4]),
        Hear,
        packet(6, format!("\x01{key}")),
        Hear,
        packet(8, OK),
        Hear,
    ]
}
