//! `Watched`: the stream between the driver crate and the channel, under the eyes of a [`Watch`].

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};

use super::watch::Watch;

/// A stream that is watched.
pub(super) struct Watched<'a, S> {
    stream: S,
    watch: Watch<'a>,
    /// Why the dialogue is being stopped.
    stopping: Option<io::Error>,
}

/// The crate asks for TLS, so that it asks for channel binding; the stream has its TLS already.
impl<'a, S: AsyncRead + AsyncWrite + Unpin> TlsConnect<S> for Watch<'a> {
    type Stream = Watched<'a, S>;
    type Error = Infallible;
    type Future = Ready<Result<Watched<'a, S>, Infallible>>;

    fn connect(self, stream: S) -> Self::Future {
        ready(Ok(Watched { stream, watch: self, stopping: None }))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Watched<'_, S> {
    fn channel_binding(&self) -> ChannelBinding {
        self.watch.end_point.clone().map_or_else(ChannelBinding::none, ChannelBinding::tls_server_end_point)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Watched<'_, S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.stopping.is_none() {
            let before = buf.filled().len();
            ready!(Pin::new(&mut this.stream).poll_read(cx, buf))?;
            let bytes = &buf.filled()[before..];
            if bytes.is_empty() && buf.remaining() > 0 {
                // The crate would call this "connection closed" or "bytes remaining on stream".
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
            match this.watch.observe(bytes) {
                Ok(()) => return Poll::Ready(Ok(())),
                Err(error) => this.stopping = Some(error),
            }
        }
        // The crate is going to drop the stream; a server that is only hung up on complains in its log.
        let _closed = ready!(Pin::new(&mut this.stream).poll_shutdown(cx));
        Poll::Ready(this.stopping.take().map_or(Ok(()), Err))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<'_, S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.watch.sending(bytes);
        Pin::new(&mut this.stream).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
