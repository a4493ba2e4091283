//! Connecting: TCP with happy eyeballs, and unix sockets.
//!
//! Only addresses that `egress` allows see a packet. A dead address costs a quarter of a second,
//! not the deadline.

mod unconnected;

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::{sleep, sleep_until, timeout_at};

use super::egress;
use super::guard::{Budget, Guarded, Tap};
use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::result::Address;

/// How long an address is tried alone before the next one is tried beside it (RFC 8305).
const STAGGER: Duration = Duration::from_millis(250);

/// Where to connect to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// A host name or literal address, and a port.
    Tcp {
        /// As in the definition.
        host: String,
        /// 1 to 65535.
        port: u16,
    },
    /// A unix socket.
    Unix(PathBuf),
}

/// A connected, guarded stream.
pub struct Wire {
    /// What the protocol speaks through.
    pub stream: Guarded<Socket>,
    /// What it is connected to.
    pub address: Address,
    /// What was seen on it; outlives the stream.
    pub tap: Tap,
}

/// A TCP or unix stream.
#[derive(Debug)]
pub enum Socket {
    /// TCP, without Nagle's delay.
    Tcp(TcpStream),
    /// Unix.
    Unix(UnixStream),
}

pub(super) async fn connect(endpoint: &Endpoint, addresses: &[IpAddr], deadline: Instant) -> Result<Wire, Failure> {
    let connected = match endpoint {
        Endpoint::Tcp { host, port } => tcp(host, *port, addresses, deadline).await,
        Endpoint::Unix(path) => unix(path, deadline).await,
    };
    let (socket, address) = connected.map_err(|failure| failure.at(Phase::Connect))?;
    let (stream, tap) = Guarded::new(socket, Budget::default(), deadline);
    Ok(Wire { stream, address, tap })
}

async fn tcp(host: &str, port: u16, addresses: &[IpAddr], deadline: Instant) -> Result<(Socket, Address), Failure> {
    let mut waiting = candidates(host, port, addresses)?;
    let mut attempts = FuturesUnordered::new();
    let mut silent = Vec::with_capacity(waiting.len());
    let mut failures = Vec::new();
    loop {
        if let Some(address) = waiting.pop_front() {
            silent.push(address);
            attempts.push(async move { (address, open(address).await) });
        }
        tokio::select! {
            biased;
            Some((address, opened)) = attempts.next() => match opened {
                Ok(stream) => return Ok((Socket::Tcp(stream), Address::Ip(address))),
                Err(error) => {
                    silent.retain(|silent| *silent != address);
                    failures.push((address, error));
                }
            },
            () = sleep_until(deadline.into()) => return Err(unconnected::silence(&silent)),
            () = sleep(STAGGER), if !waiting.is_empty() => {}
        }
        if attempts.is_empty() && waiting.is_empty() {
            return Err(unconnected::tcp(&failures));
        }
    }
}

async fn open(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The allowed ones of `addresses` with the families taking turns, so that a network without IPv6
/// costs one stagger. An answer that mixes allowed and denied addresses loses the denied ones.
fn candidates(host: &str, port: u16, addresses: &[IpAddr]) -> Result<VecDeque<SocketAddr>, Failure> {
    let mut denial = None;
    let allowed = addresses.iter().copied().filter(|address| match egress::denied(*address) {
        Some(why) => {
            denial.get_or_insert((*address, why));
            false
        }
        None => true,
    });
    let (mut preferred, mut others): (VecDeque<_>, VecDeque<_>) = (VecDeque::new(), VecDeque::new());
    for address in allowed {
        match preferred.front() {
            Some(first) if IpAddr::is_ipv4(first) != address.is_ipv4() => others.push_back(address),
            _ => preferred.push_back(address),
        }
    }
    let mut candidates = VecDeque::with_capacity(preferred.len() + others.len());
    while !(preferred.is_empty() && others.is_empty()) {
        let pair = [preferred.pop_front(), others.pop_front()];
        candidates.extend(pair.into_iter().flatten().map(|address| SocketAddr::new(address, port)));
    }
    match denial {
        _ if !candidates.is_empty() => Ok(candidates),
        Some((address, why)) => Err(egress::refusal(address, why)),
        None => Err(Failure::new(Class::Resolve, format!("the host name `{host}` has no address"))),
    }
}

async fn unix(path: &Path, deadline: Instant) -> Result<(Socket, Address), Failure> {
    match timeout_at(deadline.into(), UnixStream::connect(path)).await {
        Ok(Ok(stream)) => Ok((Socket::Unix(stream), Address::Unix(path.to_owned()))),
        Ok(Err(error)) => Err(unconnected::unix(path, &error)),
        Err(_elapsed) => Err(Failure::new(Class::Timeout, format!("no answer at the socket `{}`", path.display()))),
    }
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Unix(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Unix(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_flush(cx),
            Self::Unix(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Unix(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use socket2::{Domain, Type};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    const DEAD: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
    const LIVE: Ipv4Addr = Ipv4Addr::LOCALHOST;

    /// An address whose packets are dropped: its queue of connections is full and nobody accepts.
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
        connect(&endpoint, addresses, Instant::now() + limit).await
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
    async fn a_refusal_is_told_at_once_with_its_address() {
        let port = refused_port();
        let since = Instant::now();
        let failure = dial(port, &[LIVE.into(), DEAD.into()], LONG).await.err().unwrap();
        assert_eq!((failure.class, failure.phase), (Class::Unreachable, Some(Phase::Connect)));
        assert_eq!(
            failure.message,
            format!("nothing accepts connections at `127.0.0.1:{port}` and `127.0.0.2:{port}`")
        );
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
        // The second address is refused, which tells less than that the first is silent.
        let failure = dial(hole.port, &[DEAD.into(), LIVE.into()], Duration::from_millis(400)).await.err().unwrap();
        assert_eq!((failure.class, failure.phase), (Class::Timeout, Some(Phase::Connect)));
        assert!(failure.message.ends_with(&format!("from `127.0.0.2:{}`", hole.port)), "{}", failure.message);
        assert!(
            (Duration::from_millis(400)..Duration::from_millis(500)).contains(&since.elapsed()),
            "{:?}",
            since.elapsed()
        );
    }

    #[tokio::test]
    async fn denied_addresses_see_no_packet_and_allowed_ones_beside_them_are_used() {
        let metadata = IpAddr::from([169, 254, 169, 254]);
        let since = Instant::now();
        let failure = dial(80, &[metadata], LONG).await.err().unwrap();
        assert_eq!(failure.class, Class::Policy);
        assert!(failure.message.contains("`169.254.169.254`"));
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
            candidates("h", 1, &addresses).unwrap().iter().map(|address| address.ip().to_string()).collect()
        };
        assert_eq!(
            order(&["fd00::1", "fd00::2", "10.0.0.1", "10.0.0.2"]),
            ["fd00::1", "10.0.0.1", "fd00::2", "10.0.0.2"]
        );
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
        let dial = || connect(&endpoint, &[], Instant::now() + LONG);
        let missing = dial().await.err().unwrap();
        assert_eq!(
            (missing.class, missing.message),
            (Class::Unreachable, format!("there is no socket `{}`", path.display()))
        );

        let listener = tokio::net::UnixListener::bind(&path).unwrap();
        let mut wire = dial().await.unwrap();
        assert_eq!(wire.address, Address::Unix(path.clone()));
        wire.stream.write_all(b"hello").await.unwrap();
        let (mut accepted, _) = listener.accept().await.unwrap();
        accepted.read_exact(&mut [0; 5]).await.unwrap();

        drop(listener);
        let stale = dial().await.err().unwrap();
        assert!(stale.message.starts_with("nothing accepts connections at the socket"), "{}", stale.message);
    }
}
