//! Logins against scripted servers: what a real one would say only when broken, or never.

mod afar;
mod dialogue;
mod encrypted;
mod fallback;
mod forms;
mod hosts;
mod products;
mod release_18;

use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::tests::connection;
use super::{Postgres, connect};
use crate::driver::attempt::{Recorder, Trace};
use crate::driver::{Attempt, Driver, Policy};
use crate::model::failure::Failure;
use crate::model::warning::WarningCode;
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
        controls: Arc::default(),
    }
}

/// One probe of the hosts at `ports`.
async fn probe(ports: &[u16], extra: Value) -> (Result<(), Failure>, Trace) {
    probe_within(Duration::from_secs(5), ports, extra).await
}

async fn probe_within(limit: Duration, ports: &[u16], extra: Value) -> (Result<(), Failure>, Trace) {
    let hosts = vec!["127.0.0.1"; ports.len()];
    let all: Vec<String> = ports.iter().map(u16::to_string).collect();
    let mut definition = json!({"host": hosts.join(","), "login": "etl", "password": CANARY, "extra": extra});
    definition["extra"]["port"] = json!(all.join(","));
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
