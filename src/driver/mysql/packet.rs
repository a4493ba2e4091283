//! Packets of the MySQL protocol: a length of three bytes, a sequence number, a payload.
//!
//! Knows nothing of what is in them.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use zeroize::Zeroizing;

/// The largest packet of a login, in either direction; the real ones have at most a few hundred bytes.
const LIMIT: usize = 64 << 10;

const HEADER: usize = 4;

/// One packet. Its payload may be a password, and is wiped on drop.
pub(super) struct Packet {
    pub(super) sequence: u8,
    pub(super) payload: Zeroizing<Vec<u8>>,
}

impl Packet {
    pub(super) fn new(sequence: u8, payload: Vec<u8>) -> Self {
        Self { sequence, payload: Zeroizing::new(payload) }
    }

    /// Reads the next packet.
    pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Self> {
        let mut header = [0; HEADER];
        stream.read_exact(&mut header).await?;
        let mut payload = Zeroizing::new(vec![0; length(header)?]);
        stream.read_exact(&mut payload).await?;
        Ok(Self { sequence: header[3], payload })
    }

    /// Reads the packet that a server speaks first. It is read in pieces as they come, so that the
    /// guard keeps enough of what something else says there, and nothing may follow it: a server
    /// that talks on before it was answered is none, or somebody put words into its mouth.
    pub(super) async fn read_first(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Self> {
        let mut bytes = Vec::with_capacity(512);
        loop {
            if stream.read_buf(&mut bytes).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let Some(header) = bytes.first_chunk::<HEADER>() else { continue };
            let (sequence, end) = (header[3], HEADER + length(*header)?);
            if bytes.len() > end {
                return Err(nonsense("more than one packet before it was answered"));
            }
            if bytes.len() == end {
                return Ok(Self::new(sequence, bytes.split_off(HEADER)));
            }
        }
    }

    /// Writes it whole.
    pub(super) async fn write(&self, stream: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        let [a, b, c, ..] = u32::try_from(self.payload.len()).unwrap_or(u32::MAX).to_le_bytes();
        let mut bytes = Zeroizing::new(Vec::with_capacity(HEADER + self.payload.len()));
        bytes.extend_from_slice(&[a, b, c, self.sequence]);
        bytes.extend_from_slice(&self.payload);
        stream.write_all(&bytes).await?;
        stream.flush().await
    }
}

fn length([a, b, c, _]: [u8; HEADER]) -> io::Result<usize> {
    let length = usize::from(a) | usize::from(b) << 8 | usize::from(c) << 16;
    if length > LIMIT { Err(nonsense("a packet larger than any of a login")) } else { Ok(length) }
}

/// What is not MySQL, or not sane.
pub(super) fn nonsense(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn packets_survive_the_wire() {
        let mut wire = Vec::new();
        Packet::new(3, b"hello".to_vec()).write(&mut wire).await.unwrap();
        assert_eq!(wire, b"\x05\0\0\x03hello");
        for packet in [Packet::read(&mut wire.as_slice()).await, Packet::read_first(&mut wire.as_slice()).await] {
            let packet = packet.unwrap();
            assert_eq!((packet.sequence, packet.payload.as_slice()), (3, b"hello".as_slice()));
        }
    }

    #[tokio::test]
    async fn what_cannot_be_a_packet_is_refused_after_its_header() {
        for banner in [b"SSH-2.0-OpenSSH_9.2".as_slice(), b"220 mail.example ESMTP", b"\x15\x03\x03\0\x02\x02\x28"] {
            let error = Packet::read_first(&mut &*banner).await.err().unwrap();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{error}");
        }
    }

    #[tokio::test]
    async fn nothing_may_follow_the_first_packet() {
        let error = Packet::read_first(&mut b"\x01\0\0\0\x0a\x01\0\0\x01\0".as_slice()).await.err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        let error = Packet::read_first(&mut b"\x05\0\0\0hel".as_slice()).await.err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
