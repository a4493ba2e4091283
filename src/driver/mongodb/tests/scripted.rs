//! Servers that follow a script, and the outcome of a probe of them.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mongodb::bson::{Document, doc};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::plan;
use crate::driver::attempt::{Policy, Recorder, Trace};
use crate::driver::mongodb::reply::binary;
use crate::driver::mongodb::scram;
use crate::driver::mongodb::wire::Message;
use crate::driver::{Attempt, Credential};
use crate::model::failure::Failure;
use crate::net::Network;

/// The limit of a probe in these tests.
pub(super) const LIMIT: Duration = Duration::from_secs(2);

/// The greeting of a server with logical sessions and absurd limits.
pub(super) fn hello() -> Document {
    doc! {
        "ismaster": true, "helloOk": true, "maxWireVersion": 21, "minWireVersion": 0, "maxBsonObjectSize": 1 << 24,
        "maxMessageSizeBytes": i32::MAX, "maxWriteBatchSize": 1000, "logicalSessionTimeoutMinutes": i64::MAX, "ok": 1.0,
    }
}

/// The server's first SCRAM message, with the client's nonce in place of `NONCE`.
pub(super) const SERVER_FIRST: &str = "r=NONCExyz,s=QSXCR+Q6sek8bf92,i=4096";

/// The greeting with the fields of `more`, and with `server_first` if the command starts a login.
pub(super) fn greeting(command: &Document, more: Document, server_first: &str) -> Document {
    let mut hello = hello();
    if let Ok(speculative) = command.get_document("speculativeAuthenticate") {
        hello.insert("speculativeAuthenticate", first_answer(speculative, server_first));
    }
    hello.extend(more);
    hello
}

/// The answer to the client's first SCRAM message in `command`.
pub(super) fn first_answer(command: &Document, server_first: &str) -> Document {
    let ours = scram::client_nonce(command.get_binary_generic("payload").unwrap()).unwrap();
    sasl(&server_first.replace("NONCE", &ours), false)
}

/// A step of a login.
pub(super) fn sasl(payload: &str, done: bool) -> Document {
    doc! { "conversationId": 1, "done": done, "payload": binary(payload.as_bytes()), "ok": 1 }
}

/// A message with `document`.
pub(super) fn message(document: &Document) -> Vec<u8> {
    Message::new(&document.to_vec().unwrap(), None).bytes().to_vec()
}

/// Answers every command with the result of `answer`, and closes the connection where that is `None`.
pub(super) async fn converse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    mut answer: impl FnMut(&Document) -> Option<Vec<u8>>,
) {
    while let Ok(command) = Message::read(&mut stream).await {
        let command = Document::from_reader(command.document()).unwrap();
        let Some(bytes) = answer(&command) else { return };
        stream.write_all(&bytes).await.ok();
    }
}

/// The outcome of one probe.
pub(super) struct Verdict {
    pub(super) outcome: Result<(), Failure>,
    pub(super) trace: Trace,
    pub(super) credential: Credential,
    pub(super) elapsed: Duration,
    /// How many connections the server saw.
    pub(super) connections: usize,
}

/// Probes a server that calls `serve` for each connection, with a definition of `fields`, in which `PORT` stands for
/// the server's port.
pub(super) async fn probe<F, Fut>(fields: Value, serve: F) -> Verdict
where
    F: Fn(TcpStream) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    probe_over(Network::new(), Policy::default(), fields, serve).await
}

/// [`probe`] over `network`, with `policy`.
pub(super) async fn probe_over<F, Fut>(network: Network, policy: Policy, fields: Value, serve: F) -> Verdict
where
    F: Fn(TcpStream) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    attempted(Arc::default(), network, policy, fields, serve).await
}

/// [`probe`] that only looks at what the server shows.
pub(super) async fn look<F, Fut>(fields: Value, serve: F) -> Verdict
where
    F: Fn(TcpStream) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let recorder = Arc::<Recorder>::default();
    recorder.only_look();
    attempted(recorder, Network::new(), Policy::default(), fields, serve).await
}

async fn attempted<F, Fut>(
    recorder: Arc<Recorder>,
    network: Network,
    policy: Policy,
    fields: Value,
    serve: F,
) -> Verdict
where
    F: Fn(TcpStream) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let connections = Arc::<Mutex<usize>>::default();
    let seen = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            *seen.lock().unwrap() += 1;
            tokio::spawn(serve(stream));
        }
    });
    let mut fields = fields;
    fields["host"] = json!(fields["host"].as_str().unwrap_or("127.0.0.1:PORT").replace("PORT", &port.to_string()));
    let start = Instant::now();
    let attempt = Attempt {
        network: Arc::new(network),
        policy,
        deadline: start + LIMIT,
        recorder: Arc::clone(&recorder),
        controls: Arc::default(),
        expected: Arc::default(),
    };
    let outcome = plan(&fields).unwrap().probe.run(&attempt).await;
    let elapsed = start.elapsed();
    let credential = recorder.credential();
    Verdict { outcome, trace: recorder.snapshot(), credential, elapsed, connections: *connections.lock().unwrap() }
}

/// [`probe`] of a server that answers every command with the result of `answer`.
pub(super) async fn ask(
    fields: Value,
    answer: impl Fn(&Document) -> Option<Vec<u8>> + Clone + Send + Sync + 'static,
) -> Verdict {
    probe(fields, move |stream| converse(stream, answer.clone())).await
}
