//! Opens one connection, to the first of several addresses that accepts.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::stream::{FuturesUnordered, StreamExt};
use rustix::io::Errno;
use socket2::{Domain, Type};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::{sleep, sleep_until, timeout_at};

use super::unconnected;
use super::{Endpoint, Socket, Wire};
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::{Connect, Policy, Resolve};
use crate::model::result::Address;
use crate::net::egress::Egress;
use crate::net::guard::{Budget, Guarded};

/// How long an address is tried alone before the next one is tried beside it (RFC 8305).
const STAGGER: Duration = Duration::from_millis(250);

pub(in crate::net) async fn connect(
    endpoint: &Endpoint,
    addresses: &[IpAddr],
    egress: &Egress,
    budget: Budget,
    deadline: Instant,
) -> Result<Wire, Failure> {
    let connected = match endpoint {
        Endpoint::Tcp { host, port } => tcp(host, *port, addresses, egress, deadline).await,
        Endpoint::Unix(path) => match egress.denies_sockets() {
            Some(rule) => Err(Failure::of(Policy::SocketDenied { rule })),
            None => unix(path, deadline).await,
        },
    };
    let (socket, address) = connected.map_err(|failure| failure.at(Phase::Connect))?;
    let (stream, tap) = Guarded::new(socket, budget, deadline);
    Ok(Wire { stream, address, tap })
}

async fn tcp(
    host: &str,
    port: u16,
    addresses: &[IpAddr],
    egress: &Egress,
    deadline: Instant,
) -> Result<(Socket, Address), Failure> {
    let mut waiting = candidates(host, port, addresses, egress)?;
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
            () = sleep_until(deadline.into()) => return Err(Failure::of(Connect::Silent { addresses: silent })),
            () = sleep(STAGGER), if !waiting.is_empty() => {}
        }
        if attempts.is_empty() && waiting.is_empty() {
            return Err(unconnected::tcp(&failures));
        }
    }
}

async fn open(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = connection(address).await?;
    // If the port is in this machine's ephemeral range and has no listener, a socket can connect to itself.
    if stream.local_addr()? == address {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Like `TcpStream::connect`, except that a connection which is established and then reset counts as established: the
/// data that the peer sent before the reset can still be read.
async fn connection(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = socket(Domain::for_address(address))?;
    match socket.connect(&address.into()).map_err(|error| (Errno::from_io_error(&error), error)) {
        Ok(()) | Err((Some(Errno::INPROGRESS), _)) => {}
        Err((_, error)) => return Err(error),
    }
    let stream = TcpStream::from_std(socket.into())?;
    stream.writable().await?;
    match stream.take_error()? {
        Some(error) if error.kind() != io::ErrorKind::ConnectionReset => Err(error),
        _ => Ok(stream),
    }
}

/// A non-blocking stream socket.
fn socket(domain: Domain) -> io::Result<socket2::Socket> {
    let kind = Type::STREAM;
    #[cfg(target_os = "linux")]
    let kind = kind.nonblocking();
    let socket = socket2::Socket::new(domain, kind, None)?;
    #[cfg(not(target_os = "linux"))]
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// The allowed ones of `addresses`, with the address families alternating, so that a network without IPv6 costs one
/// stagger. Denied addresses are dropped as long as others are allowed.
fn candidates(host: &str, port: u16, addresses: &[IpAddr], egress: &Egress) -> Result<VecDeque<SocketAddr>, Failure> {
    let mut denial = None;
    let allowed = addresses.iter().copied().filter(|address| match egress.denies(*address, port) {
        Some(rule) => {
            denial.get_or_insert((*address, rule));
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
        Some((address, rule)) => Err(Failure::of(Policy::EgressDenied { address, rule })),
        None => Err(Failure::of(Resolve::NameNotFound { name: host.to_owned() })),
    }
}

async fn unix(path: &Path, deadline: Instant) -> Result<(Socket, Address), Failure> {
    match timeout_at(deadline.into(), UnixStream::connect(path)).await {
        Ok(Ok(stream)) => Ok((Socket::Unix(stream), Address::Unix(path.to_owned()))),
        Ok(Err(error)) => Err(unconnected::unix(path, &error)),
        Err(_elapsed) => Err(Failure::of(Connect::SocketSilent(path.to_owned()))),
    }
}

#[cfg(test)]
mod tests;
