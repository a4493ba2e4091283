//! Packets of the MySQL protocol: a length of three bytes, a number, a payload.
//!
//! Must not depend on their content.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio_rustls::client::TlsStream;
use zeroize::Zeroizing;

use crate::net::crate_socket::DriverEnd;
use crate::net::dial::Socket;
use crate::net::guard::Guarded;

/// The largest packet of a login, in either direction; real ones have at most a few hundred bytes.
const LIMIT: usize = 64 << 10;

/// The largest packet that is not part of a larger one.
const WHOLE: usize = (1 << 24) - 2;

/// The size of the buffer for what a server sends at once in a login.
const ROOM: usize = 1 << 10;

const HEADER: usize = 4;

/// The first byte of a refusal.
const ERR: u8 = 0xff;

/// A stream to the server, encrypted or not.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {
    /// From here on, writes may be sent together with the end of the stream.
    fn hold(&self) {}
}

impl Stream for Guarded<Socket> {
    fn hold(&self) {
        self.get_ref().hold();
    }
}

/// TLS sends an alert after the last packet, so nothing is held back.
impl Stream for TlsStream<Box<dyn Stream>> {}

/// The server's side, buffered since a server sends several packets at once.
pub(super) type Server = BufReader<Box<dyn Stream>>;

/// The crate's side.
pub(super) type Inside = BufReader<DriverEnd>;

/// The packets on a stream, in both directions. The answer to a packet has the next number.
pub(super) struct Packets<S> {
    stream: S,
    next: u8,
    /// The largest payload that is read.
    limit: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Packets<S> {
    /// The packets on an unused `stream`.
    pub(super) fn on(stream: S) -> Self {
        Self { stream, next: 0, limit: LIMIT }
    }

    /// Reads the next packet, which may contain a password.
    pub(super) async fn read(&mut self) -> io::Result<Zeroizing<Vec<u8>>> {
        let mut header = [0; HEADER];
        self.stream.read_exact(&mut header).await?;
        let [a, b, c, number] = header;
        let length = usize::from(a) | usize::from(b) << 8 | usize::from(c) << 16;
        if length > self.limit {
            return Err(nonsense("a packet larger than any of a login"));
        }
        // A server that refuses a client may begin with any number. So may its ERR packet after a greeting, which it
        // sends without having read what the client has sent meanwhile.
        let mut payload = Zeroizing::new(vec![0; length]);
        self.stream.read_exact(&mut payload).await?;
        if self.next != 0 && number != self.next && payload.first() != Some(&ERR) {
            return Err(nonsense("a packet out of order"));
        }
        self.next = number.wrapping_add(1);
        Ok(payload)
    }

    /// Writes a whole packet, which may contain a password.
    pub(super) async fn write(&mut self, payload: &[u8]) -> io::Result<()> {
        let [a, b, c, ..] = u32::try_from(payload.len()).unwrap_or(u32::MAX).to_le_bytes();
        let mut bytes = Zeroizing::new(Vec::with_capacity(HEADER + payload.len()));
        bytes.extend_from_slice(&[a, b, c, self.next]);
        bytes.extend_from_slice(payload);
        self.next = self.next.wrapping_add(1);
        self.stream.write_all(&bytes).await?;
        self.stream.flush().await
    }

    /// The next packet is the first one of a command.
    pub(super) fn begin_again(&mut self) {
        self.next = 0;
    }

    /// The stream itself.
    #[cfg(test)]
    pub(super) fn into_stream(self) -> S {
        self.stream
    }
}

impl Packets<Inside> {
    /// The packets of the crate, which waits for the server's first one.
    pub(super) fn of_crate(inside: DriverEnd) -> Self {
        Self::on(BufReader::with_capacity(ROOM, inside))
    }
}

impl Packets<Server> {
    /// The packets of a server, which sends the first one.
    pub(super) fn of_server(stream: impl Stream + 'static) -> Self {
        Self::on(BufReader::with_capacity(ROOM, Box::new(stream)))
    }

    /// Reads the packet that a server sends first. Only an ERR packet may follow it, and then counts in its place:
    /// MariaDB sends one after its greeting if a proxy that it does not trust announces a client. Anything else before
    /// the client's answer means that the peer is not MySQL, or that an attacker on the way has added data.
    pub(super) async fn read_first(&mut self) -> io::Result<Zeroizing<Vec<u8>>> {
        let payload = self.read().await?;
        if self.stream.buffer().is_empty() {
            return Ok(payload);
        }
        let next = self.read().await?;
        if next.first() == Some(&ERR) && self.stream.buffer().is_empty() {
            Ok(next)
        } else {
            Err(nonsense("more than one packet before it was answered"))
        }
    }

    /// Continues the dialogue on the stream that `change` makes of this one.
    pub(super) async fn over<T, F>(self, change: impl FnOnce(Box<dyn Stream>) -> F) -> io::Result<Self>
    where
        T: Stream + 'static,
        F: Future<Output = io::Result<T>>,
    {
        let changed = change(self.stream.into_inner()).await?;
        Ok(Self { next: self.next, ..Self::of_server(changed) })
    }

    /// Raises the limit after the login: a packet may take the whole byte `budget` of the stream.
    pub(super) fn after_login(self, budget: u64) -> Self {
        Self { limit: usize::try_from(budget).unwrap_or(WHOLE).min(WHOLE), ..self }
    }

    /// Sends the command `word` as the last packet and closes the connection, `encrypted` or not.
    pub(super) async fn hang_up(mut self, word: u8, encrypted: bool) -> io::Result<()> {
        self.stream.get_ref().hold();
        self.begin_again();
        self.write(&[word]).await?;
        // TLS ends with an alert of its own.
        if encrypted { self.stream.shutdown().await } else { Ok(()) }
    }
}

/// The error for data that is not MySQL's protocol, or malformed.
pub(super) fn nonsense(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use tokio::io::{DuplexStream, Join, duplex, join, sink};

    use super::*;

    impl Stream for DuplexStream {}

    impl<R: AsyncRead + Send + Unpin, W: AsyncWrite + Send + Unpin> Stream for Join<R, W> {}

    async fn first(said: &'static [u8]) -> io::Result<Zeroizing<Vec<u8>>> {
        Packets::of_server(join(said, sink())).read_first().await
    }

    #[tokio::test]
    async fn packets_are_numbered_by_both_sides() {
        let (near, far) = duplex(1024);
        let (mut near, mut far) = (Packets::on(near), Packets::of_server(far));
        for (said, number) in [(b"greeting".as_slice(), 0), (b"", 2)] {
            near.write(said).await.unwrap();
            assert_eq!(**far.read_first().await.unwrap(), *said);
            assert_eq!((near.next, far.next), (number + 1, number + 1));
            far.write(b"answer").await.unwrap();
            near.read().await.unwrap();
        }
    }

    #[tokio::test]
    async fn what_cannot_be_a_packet_is_refused_after_its_header() {
        for banner in [b"SSH-2.0-OpenSSH_9.2".as_slice(), b"220 mail.example ESMTP", b"\x15\x03\x03\0\x02\x02\x28"] {
            let error = first(banner).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{error}");
        }
    }

    #[tokio::test]
    async fn a_number_that_does_not_follow_is_refused() {
        let (near, mut far) = duplex(1024);
        let mut near = Packets::on(near);
        near.write(b"login").await.unwrap();
        far.write_all(b"\x01\0\0\x01\0\x01\0\0\x07\0").await.unwrap();
        assert_eq!(**near.read().await.unwrap(), [0]);
        assert_eq!(near.read().await.unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[tokio::test]
    async fn nothing_may_follow_the_first_packet() {
        for (said, kind) in [
            (b"\x01\0\0\0\x0a\x01\0\0\x01\0".as_slice(), io::ErrorKind::InvalidData),
            (b"\x05\0\0\0hel", io::ErrorKind::UnexpectedEof),
        ] {
            assert_eq!(first(said).await.unwrap_err().kind(), kind);
        }
    }
}
