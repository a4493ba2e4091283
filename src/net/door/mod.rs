//! A door on this machine for a driver crate that takes no stream: the crate connects to it, and
//! its driver gets the other end, to show the crate what it wants it to see.

mod socket_dir;

use std::io;
use std::path::Path;

use tokio::net::UnixListener;

use self::socket_dir::SocketDir;
use super::dial::Socket;

/// A unix socket in a directory of its own, mode 0700; gone on drop.
pub struct Door {
    listener: UnixListener,
    dir: SocketDir,
}

impl Door {
    /// Makes one.
    ///
    /// # Errors
    ///
    /// When the socket cannot be made.
    pub fn open() -> io::Result<Self> {
        let dir = SocketDir::new()?;
        let listener = UnixListener::bind(dir.socket())?;
        Ok(Self { listener, dir })
    }

    /// Where the crate is to connect to.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.dir.socket()
    }

    /// The next connection.
    ///
    /// # Errors
    ///
    /// When accepting fails, as without descriptors.
    pub async fn next(&self) -> io::Result<Socket> {
        Ok(Socket::Unix(self.listener.accept().await?.0))
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
        assert!(!path.parent().unwrap().exists());
    }
}
