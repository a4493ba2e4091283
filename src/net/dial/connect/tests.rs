//! Connects to scripted peers on this machine: accepting, refusing, and dropping packets.

use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::thread;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::model::class::Class;
use crate::model::reason::{Connect, ReasonCode};

const DEAD: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const LIVE: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// An address that drops packets: its accept queue is full.
struct BlackHole {
    port: u16,
    _held: (socket2::Socket, Vec<std::net::TcpStream>),
}

impl BlackHole {
    fn new() -> Self {
        let socket = socket2::Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::from((DEAD, 0)).into()).unwrap();
        socket.listen(0).unwrap();
        let address = socket.local_addr().unwrap().as_socket().unwrap();
        let connect = || std::net::TcpStream::connect_timeout(&address, Duration::from_millis(100)).ok();
        let queued = std::iter::from_fn(connect).take(16).collect();
        Self { port: address.port(), _held: (socket, queued) }
    }
}

async fn dial(port: u16, addresses: &[IpAddr], limit: Duration) -> Result<Wire, Failure> {
    let endpoint = Endpoint::Tcp { host: "db1.example".to_owned(), port };
    connect(&endpoint, addresses, &Egress::default(), Budget::default(), Instant::now() + limit).await
}

fn refused_port() -> u16 {
    TcpListener::bind((LIVE, 0)).unwrap().local_addr().unwrap().port()
}

const LONG: Duration = Duration::from_secs(9);

#[tokio::test]
async fn a_connection_is_guarded_and_knows_its_address() {
    let listener = tokio::net::TcpListener::bind((LIVE, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut wire = dial(address.port(), &[LIVE.into()], LONG).await.unwrap();
    assert_eq!(wire.address, Address::Ip(address));
    let Socket::Tcp(stream) = &listener.accept().await.map(|(stream, _)| Socket::Tcp(stream)).unwrap() else {
        return;
    };
    stream.try_write(b"220 hello").unwrap();
    wire.stream.read_exact(&mut [0; 9]).await.unwrap();
    assert_eq!(wire.tap.first_bytes(), b"220 hello");
}

#[tokio::test]
async fn a_connection_that_is_reset_before_anybody_looked_was_one() {
    let listener = TcpListener::bind((LIVE, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let resetting = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"220 hello").unwrap();
        socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    });
    let addresses = [LIVE.into()];
    let mut dialling = Box::pin(dial(port, &addresses, LONG));
    assert!(futures_util::poll!(&mut dialling).is_pending());
    resetting.join().unwrap();
    let mut wire = dialling.await.unwrap_or_else(|failure| panic!("{failure:?}"));
    let mut said = Vec::new();
    wire.stream.read_to_end(&mut said).await.ok();
    assert_eq!(said, b"220 hello");
}

#[tokio::test]
async fn a_refusal_is_told_at_once_with_its_address() {
    let port = refused_port();
    let since = Instant::now();
    let failure = dial(port, &[LIVE.into(), DEAD.into()], LONG).await.err().unwrap();
    assert_eq!((failure.class, failure.phase), (Class::Unreachable, Some(Phase::Connect)));
    let addresses = vec![(LIVE, port).into(), (DEAD, port).into()];
    assert_eq!(failure.message, Failure::of(Connect::Refused { addresses }).message);
    assert!(since.elapsed() < STAGGER, "a refusal waited for the next address's turn");
}

#[tokio::test]
async fn a_dead_first_address_costs_one_stagger() {
    let hole = BlackHole::new();
    let _live = TcpListener::bind((LIVE, hole.port)).unwrap();
    let since = Instant::now();
    let wire = dial(hole.port, &[DEAD.into(), LIVE.into()], LONG).await.unwrap();
    assert_eq!(wire.address, Address::Ip((LIVE, hole.port).into()));
    assert!((STAGGER..4 * STAGGER).contains(&since.elapsed()), "{:?}", since.elapsed());
}

#[tokio::test]
async fn where_nobody_answers_the_deadline_holds() {
    let hole = BlackHole::new();
    let since = Instant::now();
    // The second address is refused. The timeout of the first is reported.
    let failure = dial(hole.port, &[DEAD.into(), LIVE.into()], Duration::from_millis(400)).await.err().unwrap();
    assert_eq!((failure.class, failure.phase), (Class::Timeout, Some(Phase::Connect)));
    let addresses = vec![(DEAD, hole.port).into()];
    assert_eq!(failure.message, Failure::of(Connect::Silent { addresses }).message);
    assert!(
        (Duration::from_millis(400)..Duration::from_millis(600)).contains(&since.elapsed()),
        "{:?}",
        since.elapsed()
    );
}

#[tokio::test]
async fn denied_addresses_see_no_packet_and_allowed_ones_beside_them_are_used() {
    let metadata = IpAddr::from([169, 254, 169, 254]);
    let since = Instant::now();
    let failure = dial(80, &[metadata], LONG).await.err().unwrap();
    assert_eq!((failure.class, failure.reason), (Class::Policy, ReasonCode::EgressDenied));
    assert!(failure.message.contains(&metadata.to_string()), "{}", failure.message);
    assert!(since.elapsed() < Duration::from_millis(50));

    let listener = TcpListener::bind((LIVE, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let wire = dial(port, &[metadata, LIVE.into()], LONG).await.unwrap();
    assert_eq!(wire.address, Address::Ip((LIVE, port).into()));
}

#[test]
fn families_take_turns_and_the_first_goes_first() {
    let order = |addresses: &[&str]| -> Vec<String> {
        let addresses: Vec<IpAddr> = addresses.iter().map(|address| address.parse().unwrap()).collect();
        candidates("h", 1, &addresses, &Egress::default())
            .unwrap()
            .iter()
            .map(|address| address.ip().to_string())
            .collect()
    };
    assert_eq!(order(&["fd00::1", "fd00::2", "10.0.0.1", "10.0.0.2"]), ["fd00::1", "10.0.0.1", "fd00::2", "10.0.0.2"]);
    assert_eq!(
        order(&["10.0.0.1", "10.0.0.2", "10.0.0.3", "fd00::1"]),
        ["10.0.0.1", "fd00::1", "10.0.0.2", "10.0.0.3"]
    );
    assert_eq!(order(&["fe80::1", "10.0.0.1"]), ["10.0.0.1"]);
}

#[tokio::test]
async fn unix_sockets_are_connected_to_by_path() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s");
    let endpoint = Endpoint::Unix(path.clone());
    let egress = Egress::default();
    let dial = || connect(&endpoint, &[], &egress, Budget::default(), Instant::now() + LONG);
    let missing = dial().await.err().unwrap();
    assert_eq!((missing.class, missing.reason), (Class::Unreachable, ReasonCode::SocketMissing));

    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    let mut wire = dial().await.unwrap();
    assert_eq!(wire.address, Address::Unix(path.clone()));
    wire.stream.write_all(b"hello").await.unwrap();
    let (mut accepted, _) = listener.accept().await.unwrap();
    accepted.read_exact(&mut [0; 5]).await.unwrap();

    drop(listener);
    let stale = dial().await.err().unwrap();
    assert_eq!(stale.reason, ReasonCode::ConnectionRefused);
}
