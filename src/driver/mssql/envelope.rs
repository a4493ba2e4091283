//! TLS inside TDS: during the handshake the TLS records are the payload of PRELOGIN packets; afterwards they are sent
//! without packets.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::wire::{self, HEADER, PRELOGIN, frame, malformed};

/// A stream whose bytes are wrapped in packets until [`Envelope::open`].
pub(super) struct Envelope<S> {
    stream: S,
    sealed: bool,
    header: [u8; HEADER],
    header_read: usize,
    payload_left: usize,
    /// Written, and not yet put into packets: one flush is one message.
    unframed: Vec<u8>,
    /// Put into packets, and not yet sent.
    unsent: Vec<u8>,
    /// Read past this envelope, and passed back.
    given_back: Vec<u8>,
}

impl<S> Envelope<S> {
    /// An envelope that wraps all bytes.
    pub(super) fn sealed(stream: S) -> Self {
        Self { sealed: true, ..Self::opened(stream) }
    }

    /// An envelope that passes all bytes unchanged.
    pub(super) fn opened(stream: S) -> Self {
        Self {
            stream,
            sealed: false,
            header: [0; HEADER],
            header_read: 0,
            payload_left: 0,
            unframed: Vec::new(),
            unsent: Vec::new(),
            given_back: Vec::new(),
        }
    }

    /// Passes `bytes` back that were read from the stream itself: they are read next.
    pub(super) fn give_back(&mut self, bytes: &[u8]) {
        self.given_back.extend_from_slice(bytes);
    }

    /// From here on passes all bytes unchanged.
    pub(super) fn open(&mut self) {
        self.sealed = false;
    }

    /// The stream itself.
    pub(super) fn get_mut(&mut self) -> &mut S {
        &mut self.stream
    }
}

impl<S: AsyncRead + Unpin> Envelope<S> {
    /// Reads headers until there is payload; returns false at the end of the stream.
    fn poll_payload(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        while self.payload_left == 0 {
            let mut rest = ReadBuf::new(&mut self.header[self.header_read..]);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut rest))?;
            let read = rest.filled().len();
            if read == 0 {
                return Poll::Ready(Ok(false));
            }
            self.header_read += read;
            if self.header_read == HEADER {
                self.header_read = 0;
                match wire::read_header(self.header) {
                    Some((PRELOGIN, length)) => self.payload_left = length,
                    _ => return Poll::Ready(Err(malformed("the TLS handshake is not wrapped in TDS packets"))),
                }
            }
        }
        Poll::Ready(Ok(true))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Envelope<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.given_back.is_empty() {
            let most = this.given_back.len().min(buf.remaining());
            buf.put_slice(&this.given_back[..most]);
            this.given_back.drain(..most);
            return Poll::Ready(Ok(()));
        }
        if !this.sealed {
            return Pin::new(&mut this.stream).poll_read(cx, buf);
        }
        if !ready!(this.poll_payload(cx))? {
            return Poll::Ready(Ok(()));
        }
        let most = this.payload_left.min(buf.remaining());
        let mut payload = ReadBuf::new(buf.initialize_unfilled_to(most));
        ready!(Pin::new(&mut this.stream).poll_read(cx, &mut payload))?;
        let read = payload.filled().len();
        this.payload_left -= read;
        buf.advance(read);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Envelope<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if !this.sealed {
            return Pin::new(&mut this.stream).poll_write(cx, buf);
        }
        this.unframed.extend(buf);
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.unsent.extend(frame(&std::mem::take(&mut this.unframed)));
        while !this.unsent.is_empty() {
            let written = ready!(Pin::new(&mut this.stream).poll_write(cx, &this.unsent))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            this.unsent.drain(..written);
        }
        Pin::new(&mut this.stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test]
    async fn what_is_flushed_together_is_one_message_and_what_comes_back_is_unwrapped() {
        let (client, mut server) = duplex(1 << 16);
        let mut envelope = Envelope::sealed(client);
        envelope.write_all(b"hel").await.unwrap();
        envelope.write_all(b"lo").await.unwrap();
        envelope.flush().await.unwrap();
        let mut sent = [0; 13];
        server.read_exact(&mut sent).await.unwrap();
        assert_eq!(&sent, b"\x12\x01\x00\x0d\x00\x00\x00\x00hello");

        server.write_all(b"\x12\x00\x00\x0a\x00\x00\x00\x00he\x12\x01\x00\x08\x00\x00\x00\x00\x12\x01\x00\x0b\x00\x00\x00\x00llo").await.unwrap();
        let mut received = [0; 5];
        envelope.read_exact(&mut received).await.unwrap();
        assert_eq!(&received, b"hello");

        envelope.open();
        envelope.write_all(b"bare").await.unwrap();
        let mut sent = [0; 4];
        server.read_exact(&mut sent).await.unwrap();
        assert_eq!(&sent, b"bare");
    }

    #[tokio::test]
    async fn what_is_not_wrapped_is_refused() {
        let (client, mut server) = duplex(64);
        let mut envelope = Envelope::sealed(client);
        server.write_all(b"\x16\x03\x03\x00\x10\x00\x00\x00").await.unwrap();
        let error = envelope.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}
