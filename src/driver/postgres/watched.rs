//! `Watched`: the stream between the driver crate and the channel, observed by a [`Watch`].

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::watch::Watch;

/// A stream that is observed.
pub(super) struct Watched<'a, S> {
    stream: S,
    watch: Watch<'a>,
    /// Whether a reply of the watch may still have to be flushed.
    replying: bool,
    /// Why the dialogue is being stopped.
    stopping: Option<io::Error>,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Watched<'a, S> {
    pub(super) fn new(stream: S, watch: Watch<'a>) -> Self {
        Self { stream, watch, replying: false, stopping: None }
    }

    /// Sends the whole reply of the watch.
    fn poll_reply(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.watch.reply.is_empty() {
            self.replying = true;
            self.watch.sending(&self.watch.reply);
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.watch.reply))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.watch.reply.drain(..written);
        }
        if self.replying {
            ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
            self.replying = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Reads for the watch, using the space in `buf`, whose content stays unchanged.
    fn poll_observe(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        let bytes = &buf.filled()[before..];
        if bytes.is_empty() {
            return Poll::Ready(Err(self.watch.ended()));
        }
        self.stopping = self.watch.observe(bytes).err();
        buf.set_filled(before);
        Poll::Ready(Ok(()))
    }

    /// Gives the crate as many bytes as `buf` has room for.
    fn hand_over(&mut self, buf: &mut ReadBuf<'_>) {
        let length = self.watch.pass.len().min(buf.remaining());
        buf.put_slice(&self.watch.pass[..length]);
        self.watch.pass.drain(..length);
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Watched<'_, S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        while this.stopping.is_none() {
            ready!(this.poll_reply(cx))?;
            if !this.watch.pass.is_empty() || buf.remaining() == 0 {
                this.hand_over(buf);
                return Poll::Ready(Ok(()));
            }
            ready!(this.poll_observe(cx, buf))?;
        }
        // The crate is about to drop the stream; a server whose connection is only dropped logs a complaint.
        let _closed = ready!(Pin::new(&mut this.stream).poll_shutdown(cx));
        Poll::Ready(this.stopping.take().map_or(Ok(()), Err))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<'_, S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.watch.sending(bytes);
        let changed = this.watch.startup(bytes);
        Pin::new(&mut this.stream).poll_write(cx, changed.as_deref().unwrap_or(bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
