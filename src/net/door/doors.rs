//! `Doors`: makes a door, and pairs the crate's connection to it with its driver's end.

use std::future::poll_fn;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::task::Poll;

use socket2::SockRef;
use tokio::net::UnixListener;

#[cfg(target_os = "linux")]
use super::name::Name as Place;
use super::near::Near;
#[cfg(not(target_os = "linux"))]
use super::socket_dir::SocketDir as Place;
use crate::net::dial::Socket;

/// A listening unix socket that only this user can connect to. On Linux it has no file, so that nothing is left behind
/// however the process ends; elsewhere it is in a directory of its own, which is removed on drop.
pub struct Door {
    listener: UnixListener,
    place: Place,
}

/// A pool of doors, for crates that connect once: to make a door and to close it is a twentieth of a login's work.
#[derive(Default)]
pub struct Doors(Mutex<Vec<Door>>);

impl Doors {
    /// A door without a pending connection: one of the pool, or a new one.
    ///
    /// # Errors
    ///
    /// As [`Door::open`].
    pub fn open(&self) -> io::Result<Door> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        kept.map_or_else(Door::open, Ok)
    }

    /// Returns a `door` to the pool, after the last expected connection was accepted. A door that is dropped instead is
    /// closed, together with any pending connection.
    pub fn keep(&self, door: Door) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(door);
    }
}

impl Door {
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

    /// As [`Door::next`], for a task that polls the crate first and then this.
    ///
    /// # Errors
    ///
    /// As [`Door::next`].
    pub async fn near(&self) -> io::Result<Near> {
        poll_fn(|_| {
            loop {
                match SockRef::from(&self.listener).accept() {
                    Ok((stream, _unnamed)) if !is_ours(&stream)? => {}
                    Ok((stream, _unnamed)) => return Poll::Ready(Near::end(OwnedFd::from(stream).into())),
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
    /// As [`Door::next`].
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
    async fn a_door_lets_one_in_and_is_gone() {
        let door = Door::open().unwrap();
        let path = door.path().to_owned();
        let mut outside = UnixStream::connect(&path).await.unwrap();
        let mut inside = door.last().await.unwrap();
        outside.write_all(b"x").await.unwrap();
        assert_eq!(inside.read_u8().await.unwrap(), b'x');
        assert!(UnixStream::connect(&path).await.is_err());
    }

    #[tokio::test]
    async fn a_door_that_was_kept_is_opened_again() {
        let doors = Doors::default();
        let door = doors.open().unwrap();
        let path = door.path().to_owned();
        for said in *b"ab" {
            let door = doors.open().unwrap();
            assert_ne!(door.path(), path, "one that is in use");
            let mut outside = UnixStream::connect(door.path()).await.unwrap();
            let mut inside = door.near().await.unwrap();
            outside.write_all(&[said]).await.unwrap();
            assert_eq!(inside.read_u8().await.unwrap(), said);
            doors.keep(door);
        }
        drop(door);
        assert_eq!(doors.0.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn another_process_is_not_let_in() {
        const OTHER: &str = "import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
print('heard', s.recv(1))";
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("door");
        let door = Door { listener: UnixListener::bind(&path).unwrap(), place: Place::new().unwrap() };
        for near in [false, true] {
            let mut other = Command::new("python3");
            let other = other.args(["-c", OTHER]).arg(&path).stdout(Stdio::piped()).spawn().unwrap();
            let mut gone = tokio::task::spawn_blocking(|| other.wait_with_output().unwrap());
            let gone = loop {
                tokio::select! {
                    let_in = door.next(), if !near => panic!("{let_in:?}"),
                    let_in = door.near(), if near => panic!("{let_in:?}"),
                    gone = &mut gone => break gone.unwrap(),
                    // The test polls again by itself: nothing wakes an unregistered end.
                    () = tokio::time::sleep(Duration::from_millis(5)) => {}
                }
            };
            assert_eq!(String::from_utf8(gone.stdout).unwrap(), "heard b''\n", "{near}");
        }
    }

    #[tokio::test]
    async fn no_two_doors_are_in_one_place() {
        let doors: Vec<Door> = (0..100).map(|_| Door::open().unwrap()).collect();
        let places: std::collections::HashSet<&Path> = doors.iter().map(Door::path).collect();
        assert_eq!(places.len(), doors.len());
    }
}
