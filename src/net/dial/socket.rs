//! `Socket`: a TCP or unix stream, and `Wire`, the guarded stream over it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};

use crate::model::result::Address;
use crate::net::guard::{Guarded, Tap};

/// A connected, guarded stream.
pub struct Wire {
    /// What the protocol speaks through.
    pub stream: Guarded<Socket>,
    /// What it is connected to.
    pub address: Address,
    /// What was seen on it; outlives the stream.
    pub tap: Tap,
}

/// A TCP or unix stream.
#[derive(Debug)]
pub enum Socket {
    /// TCP, without Nagle's delay.
    Tcp(TcpStream),
    /// Unix.
    Unix(UnixStream),
}

impl Socket {
    /// From here on what is written waits for more, or for the end of the stream: last words and the end are one
    /// packet then, for both sides to handle. Elsewhere than on Linux they are two.
    pub fn hold(&self) {
        #[cfg(target_os = "linux")]
        if let Self::Tcp(stream) = self {
            // Where it cannot be had, they are two as well.
            let _two_packets = socket2::SockRef::from(stream).set_tcp_cork(true);
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Unix(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Unix(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_flush(cx),
            Self::Unix(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Unix(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
