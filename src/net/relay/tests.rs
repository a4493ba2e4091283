//! Relays between a client and a scripted server on this machine.

use std::os::unix::fs::PermissionsExt;
use std::time::Instant;

use tokio::io::{DuplexStream, duplex};
use tokio::net::UnixStream;

use super::*;
use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::net::Network;
use crate::net::dial::Endpoint;

/// Notes what passes, and stops at a word.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    fn note(&self, who: &str, bytes: &[u8]) -> Result<(), Stop> {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let bad = text.contains("bomb");
        self.0.lock().unwrap().push(format!("{who}: {text}"));
        if bad { Err(Stop(Failure::new(Class::Protocol, "a bomb"))) } else { Ok(()) }
    }

    fn taken(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Inspect for Notes {
    fn from_server(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        self.note("server", bytes)
    }

    fn from_client(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        self.note("client", bytes)
    }

    fn server_closed(&mut self, error: Option<&io::Error>) {
        self.0.lock().unwrap().push(format!("server closed {:?}", error.map(io::Error::kind)));
    }

    fn client_closed(&mut self) {
        self.0.lock().unwrap().push("client closed".to_owned());
    }
}

/// A relay to a server on this machine, the server's end and the client's.
async fn relayed(notes: &Notes) -> (Relay, TcpStream, TcpStream) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let endpoint = Endpoint::Tcp { host: "127.0.0.1".to_owned(), port: listener.local_addr().unwrap().port() };
    let deadline = Instant::now() + Duration::from_secs(9);
    let wire = Network::new().connect(&endpoint, &[Ipv4Addr::LOCALHOST.into()], deadline).await.unwrap();
    let relay = Relay::loopback(wire, notes.clone()).await.unwrap();
    let client = TcpStream::connect((Ipv4Addr::LOCALHOST, relay.port())).await.unwrap();
    let (server, _) = listener.accept().await.unwrap();
    (relay, server, client)
}

async fn read(stream: &mut (impl AsyncRead + Unpin), count: usize) -> String {
    let mut bytes = vec![0; count];
    stream.read_exact(&mut bytes).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

async fn is_closed(stream: &mut (impl AsyncRead + Unpin)) -> bool {
    !matches!(timeout(Duration::from_secs(5), stream.read(&mut [0])).await.unwrap(), Ok(1))
}

#[tokio::test]
async fn bytes_pass_both_ways_and_are_seen_first() {
    let notes = Notes::default();
    let (relay, mut server, mut client) = relayed(&notes).await;
    server.write_all(b"greeting").await.unwrap();
    assert_eq!(read(&mut client, 8).await, "greeting");
    client.write_all(b"login").await.unwrap();
    assert_eq!(read(&mut server, 5).await, "login");
    assert_eq!(notes.taken(), ["server: greeting", "client: login"]);

    client.write_all(b"quit").await.unwrap();
    drop(client);
    let finishing = tokio::spawn(relay.finish());
    assert_eq!(read(&mut server, 4).await, "quit");
    assert!(is_closed(&mut server).await);
    drop(server);
    finishing.await.unwrap();
    assert_eq!(notes.taken(), ["client: quit", "client closed", "server closed None"]);
}

#[tokio::test]
async fn only_one_connection_is_taken() {
    let (relay, mut server, mut client) = relayed(&Notes::default()).await;
    // What passes shows that the relay has accepted the first one.
    client.write_all(b"x").await.unwrap();
    read(&mut server, 1).await;
    let second = TcpStream::connect((Ipv4Addr::LOCALHOST, relay.port())).await;
    assert_eq!(second.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn a_stop_closes_both_sides_and_nothing_more_passes() {
    for from_server in [true, false] {
        let (relay, mut server, mut client) = relayed(&Notes::default()).await;
        assert_eq!(relay.stopped(), None);
        let bomber = if from_server { &mut server } else { &mut client };
        bomber.write_all(b"bomb").await.unwrap();
        assert!(is_closed(&mut client).await);
        assert!(is_closed(&mut server).await);
        assert_eq!(relay.stopped().unwrap().0.message, "a bomb");
    }
}

#[tokio::test]
async fn the_last_words_of_a_server_reach_the_client() {
    let notes = Notes::default();
    let (_relay, mut server, mut client) = relayed(&notes).await;
    server.write_all(b"error: too many connections").await.unwrap();
    drop(server);
    let mut text = String::new();
    client.read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "error: too many connections");
    assert_eq!(notes.taken().last().unwrap(), "server closed None");
}

#[tokio::test]
async fn dropping_a_relay_ends_it() {
    let (relay, mut server, mut client) = relayed(&Notes::default()).await;
    drop(relay);
    assert!(is_closed(&mut client).await);
    assert!(is_closed(&mut server).await);
}

#[tokio::test]
async fn a_client_that_stays_does_not_keep_a_relay_that_is_finished() {
    let (relay, _server, _client) = relayed(&Notes::default()).await;
    timeout(Duration::from_secs(1), relay.finish()).await.unwrap();
}

#[tokio::test]
async fn a_unix_relay_opens_the_server_for_every_connection_and_leaves_nothing_behind() {
    let notes = Notes::default();
    let servers = Arc::new(Mutex::new(Vec::<DuplexStream>::new()));
    let (seen, ends) = (notes.clone(), Arc::clone(&servers));
    let relay = Relay::unix(move || {
        let (near, far) = duplex(64);
        ends.lock().unwrap().push(far);
        let notes = seen.clone();
        async move { Some((near, notes)) }
    })
    .await
    .unwrap();
    let path = relay.path().to_owned();
    let dir = path.parent().unwrap().to_owned();
    assert_eq!(dir.metadata().unwrap().permissions().mode() & 0o777, 0o700);

    let mut clients = [UnixStream::connect(&path).await.unwrap(), UnixStream::connect(&path).await.unwrap()];
    for client in &mut clients {
        client.write_all(b"hello").await.unwrap();
    }
    while notes.0.lock().unwrap().len() < 2 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let mut ends = std::mem::take(&mut *servers.lock().unwrap());
    assert_eq!(ends.len(), 2);
    for (client, end) in clients.iter_mut().zip(&mut ends) {
        assert_eq!(read(end, 5).await, "hello");
        end.write_all(b"ok").await.unwrap();
        assert_eq!(read(client, 2).await, "ok");
    }

    drop(relay);
    assert!(!dir.exists());
    for client in &mut clients {
        assert!(is_closed(client).await);
    }
}

#[tokio::test]
async fn where_the_server_cannot_be_reached_the_client_sees_a_close() {
    let relay = Relay::unix(|| async { None::<(DuplexStream, Notes)> }).await.unwrap();
    let mut client = UnixStream::connect(relay.path()).await.unwrap();
    assert!(is_closed(&mut client).await);
}
