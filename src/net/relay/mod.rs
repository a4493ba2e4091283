//! Relays for the crates that take no stream: the crate connects to us on this machine, and we
//! speak to the server through the guarded wire, seeing every byte.

pub mod door;
mod socket_dir;

use std::future::Future;
use std::io;
use std::net::Ipv4Addr;
use std::path::Path;
use std::pin::pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::net::{TcpListener, TcpStream, UnixListener};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use self::socket_dir::SocketDir;
use super::dial::Wire;

/// What passes at once in one direction.
const BUFFER: usize = 8 << 10;

/// How long the server may take to close after the crate has closed, and the relay after the probe.
const LINGER: Duration = Duration::from_millis(200);

/// Sees what passes, and may stop it. A stop closes both sides; the crate sees a closed connection,
/// and the driver asks the inspector why.
///
/// What an inspector finds it keeps in something shared (`Arc<Mutex<…>>`) with its driver.
#[expect(clippy::wrong_self_convention, reason = "`from` says where the bytes come from")]
pub trait Inspect: Send + 'static {
    /// Bytes from the server, before the crate sees them: as they come, not one message at a time.
    ///
    /// # Errors
    ///
    /// What is wrong with them; nothing more passes.
    fn from_server(&mut self, bytes: &[u8]) -> Result<(), Stop>;

    /// Bytes from the crate, before the server sees them.
    ///
    /// # Errors
    ///
    /// Why they must not leave; nothing more passes.
    fn from_client(&mut self, bytes: &[u8]) -> Result<(), Stop>;

    /// The server's side ended: closed, or with an error that the crate will not see (as a TLS
    /// alert that rejects our certificate).
    fn server_closed(&mut self, _error: Option<&io::Error>) {}

    /// The crate closed its side.
    fn client_closed(&mut self) {}
}

/// Why a relay was stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop(pub crate::model::failure::Failure);

/// A running relay; dropping it ends it at once, whatever is still on its way.
pub struct Relay {
    place: Place,
    stopped: Arc<OnceLock<Stop>>,
    task: AbortOnDropHandle<()>,
}

enum Place {
    Loopback(u16),
    Unix(SocketDir),
}

impl Relay {
    /// Relays one connection to a free loopback port (MySQL).
    ///
    /// # Errors
    ///
    /// When no port can be had.
    pub async fn loopback(wire: Wire, inspect: impl Inspect) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let stopped = Arc::<OnceLock<Stop>>::default();
        let stop = Arc::clone(&stopped);
        let task = tokio::spawn(async move {
            if let Ok(client) = accept_one(listener).await {
                pump(client, wire.stream, inspect, &stop).await;
            }
        });
        Ok(Self { place: Place::Loopback(port), stopped, task: AbortOnDropHandle::new(task) })
    }

    #[expect(clippy::unused_async, reason = "needs a runtime, and is used like `loopback`")]
    /// Relays every connection that the crate makes to a unix socket in a directory of its own, mode
    /// 0700 (MongoDB); `open` makes the connection to the server and its inspector.
    ///
    /// # Errors
    ///
    /// When the socket cannot be made.
    pub async fn unix<S, I, F, Fut>(open: F) -> io::Result<Self>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
        I: Inspect,
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Option<(S, I)>> + Send + 'static,
    {
        let dir = SocketDir::new()?;
        let listener = UnixListener::bind(dir.socket())?;
        let stopped = Arc::<OnceLock<Stop>>::default();
        let stop = Arc::clone(&stopped);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                tokio::select! {
                    Some(_ended) = connections.join_next() => {}
                    accepted = listener.accept() => {
                        let Ok((client, _)) = accepted else { return };
                        let opening = open();
                        let stop = Arc::clone(&stop);
                        connections.spawn(async move {
                            if let Some((server, inspect)) = opening.await {
                                pump(client, server, inspect, &stop).await;
                            }
                        });
                    }
                }
            }
        });
        Ok(Self { place: Place::Unix(dir), stopped, task: AbortOnDropHandle::new(task) })
    }

    /// The loopback port; 0 for a unix socket.
    #[must_use]
    pub fn port(&self) -> u16 {
        match &self.place {
            Place::Loopback(port) => *port,
            Place::Unix(_) => 0,
        }
    }

    /// The unix socket; empty for a loopback port.
    #[must_use]
    pub fn path(&self) -> &Path {
        match &self.place {
            Place::Loopback(_) => Path::new(""),
            Place::Unix(dir) => dir.socket(),
        }
    }

    /// Why the inspector stopped it, if it did.
    #[must_use]
    pub fn stopped(&self) -> Option<Stop> {
        self.stopped.get().cloned()
    }

    /// Waits, but not long, until a loopback relay has passed on the crate's farewell and both sides
    /// are closed. To be called after the crate has closed its connection: dropping the relay right
    /// away could lose the farewell, and the server would count an aborted connection.
    pub async fn finish(self) {
        if let Place::Loopback(_) = self.place {
            let _ended_or_not = timeout(LINGER, self.task).await;
        }
    }
}

/// The first connection from this machine; the listener is gone when this returns.
async fn accept_one(listener: TcpListener) -> io::Result<TcpStream> {
    loop {
        let (client, peer) = listener.accept().await?;
        if peer.ip().is_loopback() {
            client.set_nodelay(true)?;
            return Ok(client);
        }
    }
}

/// How one direction ended.
enum End {
    /// The reading side was closed, or broke.
    Closed(Option<io::Error>),
    /// The writing side does not take any more.
    Deaf,
}

/// Passes bytes both ways until one side closes or the inspector stops it.
async fn pump<C, S>(client: C, server: S, inspect: impl Inspect, stopped: &OnceLock<Stop>)
where
    C: AsyncRead + AsyncWrite + Unpin,
    S: AsyncRead + AsyncWrite + Unpin,
{
    let inspect = Mutex::new(inspect);
    let look = || inspect.lock().unwrap_or_else(PoisonError::into_inner);
    let (client_out, client_in) = split(client);
    let (server_out, server_in) = split(server);
    let mut down = pin!(pass(server_out, client_in, |bytes| look().from_server(bytes)));
    let mut up = pin!(pass(client_out, server_in, |bytes| look().from_client(bytes)));
    let downed = tokio::select! {
        ended = &mut down => Some(ended),
        ended = &mut up => match ended {
            Err(stop) => return keep(stopped, stop),
            Ok(end) => {
                if let End::Closed(_) = end {
                    look().client_closed();
                }
                // The server's last words, or its close, may still be on their way.
                timeout(LINGER, down).await.ok()
            }
        },
    };
    match downed {
        Some(Err(stop)) => keep(stopped, stop),
        Some(Ok(End::Closed(error))) => look().server_closed(error.as_ref()),
        Some(Ok(End::Deaf)) => look().client_closed(),
        None => {}
    }
}

fn keep(stopped: &OnceLock<Stop>, stop: Stop) {
    let _the_first_counts = stopped.set(stop);
}

/// Passes bytes from `from` to `to` after `see` has seen them, then closes `to`.
async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut see: impl FnMut(&[u8]) -> Result<(), Stop>,
) -> Result<End, Stop> {
    let mut buffer = vec![0; BUFFER];
    let end = loop {
        let count = match from.read(&mut buffer).await {
            Ok(0) => break End::Closed(None),
            Ok(count) => count,
            Err(error) => break End::Closed(Some(error)),
        };
        see(&buffer[..count])?;
        if to.write_all(&buffer[..count]).await.is_err() || to.flush().await.is_err() {
            break End::Deaf;
        }
    };
    let _already_gone = to.shutdown().await;
    Ok(end)
}

#[cfg(test)]
mod tests;
