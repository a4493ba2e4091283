//! The client against a scripted server.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

use tokio::task::LocalSet;

use super::*;
use crate::driver::kit::wire::Channel;
use crate::driver::{Policy, Recorder};
use crate::model::reason::ReasonCode;
use crate::model::result::Address;
use crate::net::Network;
use crate::net::guard::{Budget, Guarded};

const GRANTED: &str = "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n{\"a\":1}";

/// Each connection answers with these in turn, and then closes.
struct Scripted {
    connections: Mutex<VecDeque<Vec<String>>>,
    address: &'static str,
    protection: Protection,
    heard: Arc<Mutex<Vec<String>>>,
}

#[async_trait]
impl Connector for Scripted {
    async fn open(&self, _origin: &Origin) -> Result<Channel, Failure> {
        let answers = self.connections.lock().unwrap().pop_front().expect("another connection");
        let (near, far) = duplex(1 << 20);
        let budget = Budget { read: 1 << 30, write: 1 << 20 };
        let (stream, tap) = Guarded::new(near, budget, Instant::now() + Duration::from_secs(9));
        tokio::spawn(serve(far, answers, Arc::clone(&self.heard)));
        let address = Address::Ip(self.address.parse().unwrap());
        Ok(Channel { stream: Box::new(stream), tap, address, protection: self.protection })
    }
}

async fn serve(mut stream: DuplexStream, answers: Vec<String>, heard: Arc<Mutex<Vec<String>>>) {
    for answer in answers {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut bytes = [0; 1024];
            match stream.read(&mut bytes).await {
                Ok(count @ 1..) => request.extend_from_slice(&bytes[..count]),
                _ => return,
            }
        }
        heard.lock().unwrap().push(String::from_utf8(request).unwrap());
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// A client of a server with these connections, and what the server heard.
fn client(connections: &[&[&str]], address: &'static str, protection: Protection) -> (Client, Arc<Mutex<Vec<String>>>) {
    let connections = connections.iter().map(|answers| answers.iter().map(|&answer| answer.to_owned()).collect());
    let heard = Arc::<Mutex<Vec<String>>>::default();
    let opener =
        Scripted { connections: Mutex::new(connections.collect()), address, protection, heard: Arc::clone(&heard) };
    let attempt = Attempt {
        network: Arc::new(Network::new()),
        policy: Policy::default(),
        deadline: Instant::now() + Duration::from_secs(9),
        recorder: Arc::<Recorder>::default(),
        controls: Arc::default(),
        expected: Arc::default(),
    };
    let origin = Origin { tls: false, host: "vault.example".to_owned(), port: 8200 };
    (Client::through(Arc::new(opener), attempt, origin), heard)
}

const LOCAL: &str = "127.0.0.1:8200";

fn request() -> Request<Full<Bytes>> {
    Request::get("/v1/secret").header("x-vault-token", "CANARY").body(Full::default()).unwrap()
}

#[tokio::test]
async fn requests_follow_each_other_on_one_connection() {
    LocalSet::new()
        .run_until(async {
            let (client, heard) = client(&[&[GRANTED, GRANTED]], LOCAL, Protection::Plain);
            for _ in 0..2 {
                let answer = client.send(request()).await.unwrap();
                assert_eq!(answer.json().unwrap().value.get("a").and_then(|value| value.scalar()), Some("1"));
            }
            let heard = heard.lock().unwrap();
            assert_eq!(heard.len(), 2);
            assert!(
                heard[0].starts_with("GET /v1/secret HTTP/1.1\r\n")
                    && heard[0].contains("host: vault.example:8200\r\n")
            );
        })
        .await;
}

#[tokio::test]
async fn what_was_lost_with_an_old_connection_is_sent_again_and_on_a_new_one_not() {
    LocalSet::new()
        .run_until(async {
            let (client, heard) = client(&[&[GRANTED, ""], &[GRANTED], &[""]], LOCAL, Protection::Plain);
            client.send(request()).await.unwrap();
            client.send(request()).await.unwrap();
            assert_eq!(heard.lock().unwrap().len(), 3);
            let failure = client.send(request()).await.err().unwrap();
            assert_eq!(failure.class, Class::Unreachable, "{failure:?}");
        })
        .await;
}

#[tokio::test]
async fn nothing_is_said_where_others_could_listen() {
    LocalSet::new()
        .run_until(async {
            for (address, protection, allowed) in [
                (LOCAL, Protection::Plain, true),
                (LOCAL, Protection::Unverified, true),
                ("192.0.2.7:8200", Protection::Verified, true),
                ("192.0.2.7:8200", Protection::Unverified, false),
                ("192.0.2.7:8200", Protection::Plain, false),
                ("10.0.0.7:8200", Protection::Plain, false),
            ] {
                let (client, heard) = client(&[&[GRANTED]], address, protection);
                let class = client.send(request()).await.err().map(|failure| failure.class);
                assert_eq!(class, if allowed { None } else { Some(Class::Policy) }, "{address} {protection:?}");
                assert_eq!(heard.lock().unwrap().len(), usize::from(allowed), "{address} {protection:?}");
            }
        })
        .await;
}

#[tokio::test]
async fn all_the_answers_together_are_bounded() {
    LocalSet::new()
        .run_until(async {
            let (client, _) = client(&[&[GRANTED, GRANTED, GRANTED]], LOCAL, Protection::Plain);
            // All but two such answers are spent.
            client.left.fetch_sub(BYTES - 15, Ordering::Relaxed);
            for _ in 0..2 {
                assert!(client.send(request()).await.is_ok());
            }
            let failure = client.send(request()).await.err().unwrap();
            assert_eq!((failure.class, failure.reason), (Class::Protocol, ReasonCode::TooMuchData));
        })
        .await;
}

#[tokio::test]
async fn a_redirect_is_an_answer_like_any_other() {
    LocalSet::new()
        .run_until(async {
            let moved = "HTTP/1.1 307 Temporary Redirect\r\nlocation: https://192.0.2.1/\r\ncontent-length: 0\r\n\r\n";
            let (client, heard) = client(&[&[moved]], LOCAL, Protection::Plain);
            assert_eq!(client.send(request()).await.unwrap().status, StatusCode::TEMPORARY_REDIRECT);
            assert_eq!(heard.lock().unwrap().len(), 1);
        })
        .await;
}

#[test]
fn a_request_names_the_port_unless_it_is_the_schemes_own() {
    for (tls, host, port, expected) in [
        (true, "vault.example", 443, "vault.example"),
        (true, "vault.example", 8200, "vault.example:8200"),
        (false, "127.0.0.1", 80, "127.0.0.1"),
        (false, "::1", 443, "[::1]:443"),
    ] {
        assert_eq!(Origin { tls, host: host.to_owned(), port }.authority(), expected);
    }
}
