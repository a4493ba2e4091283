//! The driver's end of the socket pair between driver and crate, for a driver that polls the crate itself.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// An end of a socket pair that is not registered with the runtime. A crate without tasks of its own reads and writes
/// only while it is polled, so a task that polls the crate and then this end misses nothing.
#[derive(Debug)]
pub struct DriverEnd(UnixStream);

impl DriverEnd {
    /// The unregistered end of `stream`.
    ///
    /// # Errors
    ///
    /// When the stream cannot be made non-blocking.
    pub(crate) fn end(stream: UnixStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        Ok(Self(stream))
    }
}

/// `done`, or pending if the operation would block: then the crate must run first.
fn now_or_after_the_crate<T>(done: io::Result<T>) -> Poll<io::Result<T>> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
        done => Poll::Ready(done),
    }
}

impl AsyncRead for DriverEnd {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let read = self.get_mut().0.read(buf.initialize_unfilled());
        now_or_after_the_crate(read).map_ok(|read| buf.advance(read))
    }
}

impl AsyncWrite for DriverEnd {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        now_or_after_the_crate(self.get_mut().0.write(bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.get_mut().0.shutdown(Shutdown::Write))
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// More than a socket's buffer holds.
    const MUCH: usize = 2 << 20;

    fn ends() -> (tokio::net::UnixStream, DriverEnd) {
        let (far, near) = UnixStream::pair().unwrap();
        far.set_nonblocking(true).unwrap();
        (tokio::net::UnixStream::from_std(far).unwrap(), DriverEnd::end(near).unwrap())
    }

    #[tokio::test]
    async fn whoever_polls_the_other_end_first_misses_nothing() {
        let (mut far, mut near) = ends();
        let said: Vec<u8> = (0..=255).cycle().take(MUCH).collect();
        let crate_at_work = async {
            let mut heard = vec![0; said.len()];
            far.write_all(b"query").await.unwrap();
            far.read_exact(&mut heard).await.unwrap();
            heard
        };
        let driver = async {
            near.read_exact(&mut [0; 5]).await.unwrap();
            near.write_all(&said).await.unwrap();
        };
        let (heard, ()) = tokio::join!(biased; crate_at_work, driver);
        assert!(heard == said);
    }

    #[tokio::test]
    async fn an_end_that_is_gone_is_told() {
        let (far, mut near) = ends();
        drop(far);
        assert_eq!(near.read(&mut [0]).await.unwrap(), 0);
        assert_eq!(near.write(b"x").await.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }

    #[tokio::test]
    async fn silence_is_pending() {
        let (mut far, mut near) = ends();
        let first =
            poll_fn(|cx| Poll::Ready(Pin::new(&mut near).poll_read(cx, &mut ReadBuf::new(&mut [0])).is_pending()));
        assert!(first.await);
        far.write_all(b"x").await.unwrap();
        assert_eq!(near.read_u8().await.unwrap(), b'x');
        near.shutdown().await.unwrap();
        assert_eq!(far.read(&mut [0]).await.unwrap(), 0);
    }
}
