//! The driver against a scripted peer: answers of servers, and answers that no server should give.

mod definitions;
mod logins;
mod peers;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use super::Http;
use crate::driver::attempt::Trace;
use crate::driver::fuzzing::attempt;
use crate::driver::tests::definition;
use crate::driver::{Answer, Driver as _, Plan, Refusal};
use crate::model::connection::Connection;
use crate::model::failure::Failure;

fn connection(definition: &Value) -> Connection {
    definition::connection("http", definition)
}

fn plan(definition: &Value) -> Result<Plan, Refusal> {
    Http.plan(&connection(definition))
}

/// A server on loopback, and the requests that it has received.
#[derive(Clone)]
struct Peer {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

impl Peer {
    /// Sends `answer` to each request over one connection, and keeps that open.
    fn new(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::ending(false, answer)
    }

    /// Like [`Peer::new`]; if `ends`, it closes each connection after one answer.
    fn ending(ends: bool, answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let peer =
            Self { port: listener.local_addr().unwrap().port(), heard: Arc::default(), connections: Arc::default() };
        let (own, answer) = (peer.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (own, answer) = (own.clone(), Arc::clone(&answer));
                own.connections.fetch_add(1, Ordering::Relaxed);
                std::thread::spawn(move || own.serve(&stream.unwrap(), ends, &*answer));
            }
        });
        peer
    }

    /// Sends `words` in answer to whatever it receives first.
    fn blunt(words: &'static [u8]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let peer =
            Self { port: listener.local_addr().unwrap().port(), heard: Arc::default(), connections: Arc::default() };
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _first = stream.read(&mut [0; 4096]);
            stream.write_all(words).unwrap();
            let _gone = stream.read(&mut [0; 4096]);
        });
        peer
    }

    fn serve(&self, mut stream: &TcpStream, ends: bool, answer: &dyn Fn(&str) -> Vec<u8>) {
        let mut request = Vec::new();
        let mut byte = [0];
        while let Ok(1) = stream.read(&mut byte) {
            request.push(byte[0]);
            if request.ends_with(b"\r\n\r\n") {
                let text = String::from_utf8_lossy(&request).into_owned();
                request.clear();
                let said = answer(&text);
                self.heard.lock().unwrap().push(text);
                if said.is_empty() || stream.write_all(&said).is_err() || ends {
                    return;
                }
            }
        }
    }

    /// A server that sends `first` to requests without a credential, and `second` to those with one. It refuses a
    /// credential that does not exist with 401.
    fn of(first: &str, second: &str) -> Self {
        Self::that_tells_apart(first, second, "401 Unauthorized")
    }

    /// Like [`Peer::of`], with another answer to a credential that does not exist.
    fn that_tells_apart(first: &str, second: &str, made_up: &str) -> Self {
        let (first, second, made_up) = (answer(first), answer(second), answer(made_up));
        Self::new(move |request| {
            let said = if is_made_up(request) {
                &made_up
            } else if has_credential(request) {
                &second
            } else {
                &first
            };
            said.clone()
        })
    }

    fn requests(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// The outcome of a definition for it, with the fields of `more`.
    fn check(&self, more: &Value) -> Checked {
        let mut definition = json!({"host": "127.0.0.1", "port": self.port});
        definition.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        check(&definition)
    }
}

/// A status line and headers, as a complete answer.
fn answer(head: &str) -> Vec<u8> {
    format!("HTTP/1.1 {head}\r\nContent-Length: 0\r\n\r\n").into_bytes()
}

fn has_credential(request: &str) -> bool {
    let request = request.to_lowercase();
    ["\r\nauthorization:", "\r\nx-api-key:"].iter().any(|line| request.contains(line))
}

/// Whether the credential of `request` is one that connprobe has made up: those of the tests are shorter.
fn is_made_up(request: &str) -> bool {
    const SHORTEST: usize = 40;
    let request = request.to_lowercase();
    let mut lines = request.lines();
    lines.any(|line| {
        let value = line.strip_prefix("authorization: basic ").filter(|value| value.len() >= SHORTEST);
        let other = line.strip_prefix("authorization: bearer ").or_else(|| line.strip_prefix("x-api-key: "));
        value.is_some() || other.is_some_and(|value| value.len() >= SHORTEST / 2)
    })
}

/// The outcome of a login.
struct Checked {
    verdict: Result<(), Failure>,
    trace: Trace,
    warnings: Vec<&'static str>,
    sent: bool,
    answer: Option<Answer>,
    took: Duration,
}

impl Checked {
    /// `ok`, or class and reason.
    fn short(&self) -> String {
        match &self.verdict {
            Ok(()) => "ok".to_owned(),
            Err(failure) => format!("{} {}", failure.class.as_str(), failure.reason.as_str()),
        }
    }
}

fn check(definition: &Value) -> Checked {
    let plan = plan(definition).unwrap_or_else(|refusal| panic!("{definition}: {}", refusal.into_failure().message));
    let attempt = attempt();
    let since = std::time::Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let verdict = runtime.block_on(plan.probe.run(&attempt));
    let took = since.elapsed();
    let credential = attempt.recorder.credential();
    let trace = attempt.recorder.take();
    let warnings = plan.warnings.iter().chain(&trace.warnings).map(|warning| warning.code.as_str()).collect();
    Checked { verdict, warnings, trace, sent: credential.sent, answer: credential.answer, took }
}
