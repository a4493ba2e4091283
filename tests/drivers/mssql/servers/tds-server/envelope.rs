//! TLS inside TDS packets: during the handshake every record travels in PRELOGIN packets; afterwards the TLS stream is
//! bare.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::packet::{HEADER, frame, kind};

/// A stream whose bytes are wrapped in packets until [`Envelope::open`].
pub struct Envelope<S> {
    stream: S,
    wrapping: bool,
    header: Vec<u8>,
    payload_left: usize,
    unwritten: Vec<u8>,
    framed: Vec<u8>,
}

impl<S> Envelope<S> {
    /// An envelope that wraps `stream`.
    pub fn new(stream: S) -> Self {
        Self { stream, wrapping: true, header: Vec::new(), payload_left: 0, unwritten: Vec::new(), framed: Vec::new() }
    }

    /// Stops wrapping.
    pub fn open(&mut self) {
        self.wrapping = false;
    }

    /// The wrapped stream.
    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Envelope<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.wrapping {
            return Pin::new(&mut this.stream).poll_read(context, buffer);
        }
        while this.payload_left == 0 {
            let mut byte = [0; 1];
            let mut one = ReadBuf::new(&mut byte);
            ready!(Pin::new(&mut this.stream).poll_read(context, &mut one))?;
            if one.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            this.header.extend(one.filled());
            if this.header.len() == HEADER {
                let length = usize::from(u16::from_be_bytes([this.header[2], this.header[3]]));
                if this.header[0] != kind::PRELOGIN || length < HEADER {
                    return Poll::Ready(Err(io::Error::other(format!("no TLS handshake: {:02x?}", this.header))));
                }
                this.payload_left = length - HEADER;
                this.header.clear();
            }
        }
        let most = this.payload_left.min(buffer.remaining());
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(most));
        ready!(Pin::new(&mut this.stream).poll_read(context, &mut part))?;
        let read = part.filled().len();
        this.payload_left -= read;
        buffer.advance(read);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Envelope<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if !this.wrapping {
            return Pin::new(&mut this.stream).poll_write(context, buffer);
        }
        this.unwritten.extend(buffer);
        Poll::Ready(Ok(buffer.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.framed.extend(frame(kind::PRELOGIN, &std::mem::take(&mut this.unwritten)));
        while !this.framed.is_empty() {
            let written = ready!(Pin::new(&mut this.stream).poll_write(context, &this.framed))?;
            this.framed.drain(..written);
        }
        Pin::new(&mut this.stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
