//! A door on this machine for a driver crate that takes no stream: the crate connects to it, and
//! its driver gets the other end, to show the crate what it wants it to see.

mod socket_dir;

use std::io;
use std::net::Ipv4Addr;
use std::path::Path;

use tokio::net::{TcpListener, UnixListener};

use self::socket_dir::SocketDir;
use super::dial::Socket;

/// A place on this machine that connections can be made to; gone on drop.
pub struct Door(Place);

enum Place {
    Loopback { listener: TcpListener, port: u16 },
    Unix { listener: UnixListener, dir: SocketDir },
}

impl Door {
    /// A free loopback port.
    ///
    /// # Errors
    ///
    /// When no port can be had.
    pub async fn loopback() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        Ok(Self(Place::Loopback { listener, port }))
    }

    /// A unix socket in a directory of its own, mode 0700.
    ///
    /// # Errors
    ///
    /// When the socket cannot be made.
    pub fn unix() -> io::Result<Self> {
        let dir = SocketDir::new()?;
        let listener = UnixListener::bind(dir.socket())?;
        Ok(Self(Place::Unix { listener, dir }))
    }

    /// The loopback port, if it is one.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        match &self.0 {
            Place::Loopback { port, .. } => Some(*port),
            Place::Unix { .. } => None,
        }
    }

    /// The unix socket, if it is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.0 {
            Place::Loopback { .. } => None,
            Place::Unix { dir, .. } => Some(dir.socket()),
        }
    }

    /// The next connection.
    ///
    /// # Errors
    ///
    /// When accepting fails, as without descriptors.
    pub async fn next(&self) -> io::Result<Socket> {
        match &self.0 {
            Place::Loopback { listener, .. } => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Socket::Tcp(stream))
            }
            Place::Unix { listener, .. } => Ok(Socket::Unix(listener.accept().await?.0)),
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
    use tokio::net::{TcpStream, UnixStream};

    use super::*;

    #[tokio::test]
    async fn a_door_lets_one_in() {
        let door = Door::loopback().await.unwrap();
        let port = door.port().unwrap();
        let mut outside = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        let mut inside = door.last().await.unwrap();
        outside.write_all(b"x").await.unwrap();
        assert_eq!(inside.read_u8().await.unwrap(), b'x');
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err());
    }

    #[tokio::test]
    async fn a_socket_is_gone_once_somebody_is_in() {
        let door = Door::unix().unwrap();
        let path = door.path().unwrap().to_owned();
        let mut outside = UnixStream::connect(&path).await.unwrap();
        let mut inside = door.last().await.unwrap();
        outside.write_all(b"x").await.unwrap();
        assert_eq!(inside.read_u8().await.unwrap(), b'x');
        assert!(!path.exists());
    }
}
