//! What stands between the crate and the server after the login, and passes on what both say.
//!
//! Knows nothing of packets.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncBufRead, AsyncWrite, AsyncWriteExt};

use super::packet::{Inside, Server};

/// Moves only while it is asked to.
pub(super) struct Relay {
    inside: Inside,
    server: Server,
    /// The crate cannot tell a server that hung up from nonsense, so it is noted.
    hung_up: bool,
}

impl Relay {
    /// One between the crate `inside` and the `server`.
    pub(super) fn between(inside: Inside, server: Server) -> Self {
        Self { inside, server, hung_up: false }
    }

    /// Whether the server hung up first.
    pub(super) fn hung_up(&self) -> bool {
        self.hung_up
    }

    /// Passes on what both sides say while the crate does its `work`.
    pub(super) async fn pass_during<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = self.pass() => {}
        }
        let _gone_already = self.inside.shutdown().await;
        work.await
    }

    /// Passes on what both sides say, until one has hung up.
    pub(super) async fn pass(&mut self) {
        let Self { inside, server, hung_up } = self;
        poll_fn(|cx| {
            *hung_up = poll_forward(server, inside, cx).is_ready();
            if *hung_up { Poll::Ready(()) } else { poll_forward(inside, server, cx) }
        })
        .await;
    }

    /// Ends the connection to the server.
    pub(super) async fn hang_up(&mut self) -> io::Result<()> {
        self.server.shutdown().await
    }
}

/// Passes on what `from` says; ready when it says no more, or `to` hears no more.
fn poll_forward<F, T>(from: &mut F, to: &mut T, cx: &mut Context<'_>) -> Poll<()>
where
    F: AsyncBufRead + Unpin,
    T: AsyncWrite + Unpin,
{
    loop {
        let Ok(()) = ready!(Pin::new(&mut *to).poll_flush(cx)) else { return Poll::Ready(()) };
        let Ok(said @ [_, ..]) = ready!(Pin::new(&mut *from).poll_fill_buf(cx)) else { return Poll::Ready(()) };
        let Ok(written @ 1..) = ready!(Pin::new(&mut *to).poll_write(cx, said)) else { return Poll::Ready(()) };
        Pin::new(&mut *from).consume(written);
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, BufReader, duplex};

    use super::*;

    #[tokio::test]
    async fn everything_is_passed_on_through_ways_that_are_narrow() {
        let said: Vec<u8> = (0..=255).cycle().take(100_000).collect();
        let (mut speaker, near) = duplex(7);
        let (mut far, mut ear) = duplex(3);
        let mut near = BufReader::with_capacity(5, near);
        let speaking = async {
            speaker.write_all(&said).await.unwrap();
            drop(speaker);
        };
        let passing = async {
            poll_fn(|cx| poll_forward(&mut near, &mut far, cx)).await;
            drop(far);
        };
        let mut heard = Vec::new();
        let ((), (), read) = tokio::join!(speaking, passing, ear.read_to_end(&mut heard));
        assert_eq!(read.unwrap(), said.len());
        assert!(heard == said);
    }

    #[tokio::test]
    async fn it_ends_when_nobody_listens() {
        let (mut speaker, near) = duplex(64);
        let (mut far, ear) = duplex(64);
        let mut near = BufReader::new(near);
        drop(ear);
        speaker.write_all(b"hello").await.unwrap();
        poll_fn(|cx| poll_forward(&mut near, &mut far, cx)).await;
    }
}
