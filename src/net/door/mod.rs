//! A door on this machine for a driver crate that takes no stream: the crate connects to it, and
//! its driver gets the other end, to show the crate what it wants it to see.

#[cfg(target_os = "linux")]
mod name;
#[cfg(any(test, not(target_os = "linux")))]
mod socket_dir;

use std::io;
use std::path::Path;

use rustix::process::geteuid;
use tokio::net::UnixListener;

#[cfg(target_os = "linux")]
use self::name::Name as Place;
#[cfg(not(target_os = "linux"))]
use self::socket_dir::SocketDir as Place;
use super::dial::Socket;

/// A unix socket that only this user gets through: on Linux one without a file, so that nothing is
/// left behind however the process ends; elsewhere one in a directory of its own, gone on drop.
pub struct Door {
    listener: UnixListener,
    place: Place,
}

impl Door {
    /// Makes one.
    ///
    /// # Errors
    ///
    /// When the socket cannot be made.
    pub fn open() -> io::Result<Self> {
        let place = Place::new()?;
        let listener = UnixListener::bind(place.socket())?;
        Ok(Self { listener, place })
    }

    /// Where the crate is to connect to.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.place.socket()
    }

    /// The next connection of this user's. Nobody else has business here, and no file's mode keeps
    /// them out of a socket without one.
    ///
    /// # Errors
    ///
    /// When accepting fails, as without descriptors.
    pub async fn next(&self) -> io::Result<Socket> {
        loop {
            let (stream, _unnamed) = self.listener.accept().await?;
            if stream.peer_cred()?.uid() == geteuid().as_raw() {
                return Ok(Socket::Unix(stream));
            }
        }
    }

    /// The next connection, and the last: nobody else gets in.
    ///
    /// # Errors
    ///
    /// As [`Door::next`].
    pub async fn last(self) -> io::Result<Socket> {
        self.next().await
    }
}

#[cfg(test)]
mod tests {
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
    async fn no_two_doors_are_in_one_place() {
        let doors: Vec<Door> = (0..100).map(|_| Door::open().unwrap()).collect();
        let places: std::collections::HashSet<&Path> = doors.iter().map(Door::path).collect();
        assert_eq!(places.len(), doors.len());
    }
}
