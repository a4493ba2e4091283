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
    /// The stream that the protocol runs over.
    pub stream: Guarded<Socket>,
    /// The peer's address.
    pub address: Address,
    /// The record of what passed over the stream; it outlives the stream.
    pub tap: Tap,
}

/// A TCP or unix stream.
#[derive(Debug)]
pub enum Socket {
    /// TCP, without Nagle's algorithm.
    Tcp(TcpStream),
    /// A unix socket.
    Unix(UnixStream),
}

impl Socket {
    /// Holds back writes from here on until more data or the end of the stream follows. The last message and the FIN
    /// then share one packet, which saves work on both sides. Only Linux supports this; elsewhere they are two packets.
    pub fn hold(&self) {
        #[cfg(target_os = "linux")]
        if let Self::Tcp(stream) = self {
            // If the option cannot be set, two packets are sent.
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
