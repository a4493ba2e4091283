//! `CrateSockets`: creates the socket, and pairs the crate's connection to it with its driver's end.

use std::future::poll_fn;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::task::Poll;

use socket2::SockRef;
use tokio::net::UnixListener;

use super::driver_end::DriverEnd;
#[cfg(target_os = "linux")]
use super::name::Name as Place;
#[cfg(not(target_os = "linux"))]
use super::socket_dir::SocketDir as Place;
use crate::net::dial::Socket;

/// A listening unix socket that only this user can connect to. On Linux it has no file, so that nothing is left behind
/// however the process ends; elsewhere it is in a directory of its own, which is removed on drop.
pub struct CrateSocket {
    listener: UnixListener,
    place: Place,
}

/// A pool, for crates that connect once: creating and closing a socket costs a twentieth of a login's work.
#[derive(Default)]
pub struct CrateSockets(Mutex<Vec<CrateSocket>>);

impl CrateSockets {
    /// A socket without a pending connection: one of the pool, or a new one.
    ///
    /// # Errors
    ///
    /// As [`CrateSocket::open`].
    pub fn open(&self) -> io::Result<CrateSocket> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        kept.map_or_else(CrateSocket::open, Ok)
    }

    /// Returns a `socket` to the pool, after the last expected connection was accepted. A socket that is dropped instead is
    /// closed, together with any pending connection.
    pub fn keep(&self, socket: CrateSocket) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(socket);
    }
}

impl CrateSocket {
    /// Creates the socket, and listens on it.
    ///
    /// # Errors
    ///
    /// When the socket cannot be created.
    pub fn open() -> io::Result<Self> {
        let place = Place::new()?;
        let listener = UnixListener::bind(place.socket())?;
        Ok(Self { listener, place })
    }

    /// The address that the crate connects to.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.place.socket()
    }

    /// Accepts the next connection. Connections of other processes are closed.
    ///
    /// # Errors
    ///
    /// When accepting fails, as without descriptors.
    pub async fn next(&self) -> io::Result<Socket> {
        loop {
            let (stream, _unnamed) = self.listener.accept().await?;
            if is_ours(&stream)? {
                return Ok(Socket::Unix(stream));
            }
        }
    }

    /// As [`CrateSocket::next`], for a task that polls the crate first and then this.
    ///
    /// # Errors
    ///
    /// As [`CrateSocket::next`].
    pub async fn driver_end(&self) -> io::Result<DriverEnd> {
        poll_fn(|_| {
            loop {
                match SockRef::from(&self.listener).accept() {
                    Ok((stream, _unnamed)) if !is_ours(&stream)? => {}
                    Ok((stream, _unnamed)) => return Poll::Ready(DriverEnd::end(OwnedFd::from(stream).into())),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Poll::Pending,
                    Err(error) => return Poll::Ready(Err(error)),
                }
            }
        })
        .await
    }

    /// Accepts the next connection, and closes the socket.
    ///
    /// # Errors
    ///
    /// As [`CrateSocket::next`].
    pub async fn last(self) -> io::Result<Socket> {
        self.next().await
    }
}

/// Whether the peer of `stream` is this process. A socket without a file has no mode that keeps others out.
#[cfg(target_os = "linux")]
fn is_ours(stream: &impl AsFd) -> io::Result<bool> {
    Ok(rustix::net::sockopt::socket_peercred(stream)?.pid == rustix::process::getpid())
}

/// No check is needed where the mode of the directory admits this user only.
#[cfg(not(target_os = "linux"))]
fn is_ours(_: &impl AsFd) -> io::Result<bool> {
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::UnixStream;

    use super::*;

    #[tokio::test]
    async fn the_last_connection_closes_the_socket() {
        let socket = CrateSocket::open().unwrap();
        let path = socket.path().to_owned();
        let mut outside = UnixStream::connect(&path).await.unwrap();
        let mut inside = socket.last().await.unwrap();
        outside.write_all(b"x").await.unwrap();
        assert_eq!(inside.read_u8().await.unwrap(), b'x');
        assert!(UnixStream::connect(&path).await.is_err());
    }

    #[tokio::test]
    async fn a_socket_that_was_kept_is_used_again() {
        let sockets = CrateSockets::default();
        let socket = sockets.open().unwrap();
        let path = socket.path().to_owned();
        for said in *b"ab" {
            let socket = sockets.open().unwrap();
            assert_ne!(socket.path(), path, "one that is in use");
            let mut outside = UnixStream::connect(socket.path()).await.unwrap();
            let mut inside = socket.driver_end().await.unwrap();
            outside.write_all(&[said]).await.unwrap();
            assert_eq!(inside.read_u8().await.unwrap(), said);
            sockets.keep(socket);
        }
        drop(socket);
        assert_eq!(sockets.0.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn connections_of_other_processes_are_closed() {
        const OTHER: &str = "import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
print('heard', s.recv(1))";
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("socket");
        let socket = CrateSocket { listener: UnixListener::bind(&path).unwrap(), place: Place::new().unwrap() };
        for near in [false, true] {
            let mut other = Command::new("python3");
            let other = other.args(["-c", OTHER]).arg(&path).stdout(Stdio::piped()).spawn().unwrap();
            let mut gone = tokio::task::spawn_blocking(|| other.wait_with_output().unwrap());
            let gone = loop {
                tokio::select! {
                    let_in = socket.next(), if !near => panic!("{let_in:?}"),
                    let_in = socket.driver_end(), if near => panic!("{let_in:?}"),
                    gone = &mut gone => break gone.unwrap(),
                    // The test polls again by itself: nothing wakes an unregistered end.
                    () = tokio::time::sleep(Duration::from_millis(5)) => {}
                }
            };
            assert_eq!(String::from_utf8(gone.stdout).unwrap(), "heard b''\n", "{near}");
        }
    }

    #[tokio::test]
    async fn no_two_sockets_have_one_path() {
        let sockets: Vec<CrateSocket> = (0..100).map(|_| CrateSocket::open().unwrap()).collect();
        let places: std::collections::HashSet<&Path> = sockets.iter().map(CrateSocket::path).collect();
        assert_eq!(places.len(), sockets.len());
    }
}
