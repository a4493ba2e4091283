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

    /// Whether the server hung up before the crate did.
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
        *hung_up = poll_fn(|cx| {
            if let Poll::Ready(gone) = poll_forward(server, inside, cx) {
                return Poll::Ready(gone == Gone::Speaker);
            }
            poll_forward(inside, server, cx).map(|gone| gone == Gone::Listener)
        })
        .await;
    }

    /// Ends the connection to the server.
    pub(super) async fn hang_up(&mut self) -> io::Result<()> {
        self.server.shutdown().await
    }
}

/// Who is gone.
#[derive(Debug, PartialEq, Eq)]
enum Gone {
    Speaker,
    Listener,
}

/// Passes on what `from` says, as long as it speaks and `to` hears it.
fn poll_forward<F, T>(from: &mut F, to: &mut T, cx: &mut Context<'_>) -> Poll<Gone>
where
    F: AsyncBufRead + Unpin,
    T: AsyncWrite + Unpin,
{
    loop {
        let Ok(()) = ready!(Pin::new(&mut *to).poll_flush(cx)) else { return Poll::Ready(Gone::Listener) };
        let Ok(said @ [_, ..]) = ready!(Pin::new(&mut *from).poll_fill_buf(cx)) else {
            return Poll::Ready(Gone::Speaker);
        };
        let Ok(written @ 1..) = ready!(Pin::new(&mut *to).poll_write(cx, said)) else {
            return Poll::Ready(Gone::Listener);
        };
        Pin::new(&mut *from).consume(written);
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, BufReader, DuplexStream, duplex, join};
    use tokio::net::UnixStream;

    use super::*;
    use crate::driver::mysql::packet::Packets;
    use crate::net::dial::Socket;

    /// A relay, with the crate and with mouth and ear of the server.
    fn relay() -> (Relay, UnixStream, DuplexStream, DuplexStream) {
        let (outside, inside) = UnixStream::pair().unwrap();
        let (mouth, said) = duplex(64);
        let (heard, ear) = duplex(64);
        let inside = Packets::of_crate(Socket::Unix(inside)).into_stream();
        let server = Packets::of_server(join(said, heard)).into_stream();
        (Relay::between(inside, server), outside, mouth, ear)
    }

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
            let gone = poll_fn(|cx| poll_forward(&mut near, &mut far, cx)).await;
            drop(far);
            gone
        };
        let mut heard = Vec::new();
        let ((), gone, read) = tokio::join!(speaking, passing, ear.read_to_end(&mut heard));
        assert_eq!((gone, read.unwrap()), (Gone::Speaker, said.len()));
        assert!(heard == said);
    }

    #[tokio::test]
    async fn a_server_that_says_no_more_hung_up() {
        let (mut relay, _crate, mouth, _ear) = relay();
        drop(mouth);
        relay.pass().await;
        assert!(relay.hung_up());
    }

    #[tokio::test]
    async fn a_server_that_hears_no_more_hung_up() {
        let (mut relay, mut outside, _mouth, ear) = relay();
        drop(ear);
        outside.write_all(b"query").await.unwrap();
        relay.pass().await;
        assert!(relay.hung_up());
    }

    #[tokio::test]
    async fn a_crate_that_is_done_leaves_a_server_that_is_there() {
        for last in [b"".as_slice(), b"answer"] {
            let (mut relay, outside, mut mouth, _ear) = relay();
            drop(outside);
            mouth.write_all(last).await.unwrap();
            relay.pass().await;
            assert!(!relay.hung_up());
        }
    }
}
