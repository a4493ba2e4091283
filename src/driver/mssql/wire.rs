//! TDS packets (MS-TDS 2.2.3), as far as connprobe makes them: PRELOGIN and the packets around TLS.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::timeout;

/// The bytes of a packet header.
pub(super) const HEADER: usize = 8;

/// The type of PRELOGIN, and of the packets around a TLS handshake.
pub(super) const PRELOGIN: u8 = 0x12;

/// The type of a server's answer.
const RESPONSE: u8 = 0x04;

/// The status bit of a message's last packet.
const END_OF_MESSAGE: u8 = 0x01;

/// The packet size before a login has negotiated another.
const PACKET: usize = 4096;

/// The longest answer to PRELOGIN.
const ANSWER: usize = 4096;

/// How long more of an answer is awaited that is not TDS.
const GLANCE: Duration = Duration::from_millis(50);

/// The type, and the number of bytes after the header.
pub(super) fn read_header(header: [u8; HEADER]) -> Option<(u8, usize)> {
    let [kind, _, high, low, ..] = header;
    usize::from(u16::from_be_bytes([high, low])).checked_sub(HEADER).map(|length| (kind, length))
}

/// `payload` as one message of the type PRELOGIN.
pub(super) fn frame(payload: &[u8]) -> Vec<u8> {
    let mut framed = Vec::with_capacity(payload.len() + HEADER);
    let last = payload.chunks(PACKET - HEADER).len().saturating_sub(1);
    for (number, chunk) in payload.chunks(PACKET - HEADER).enumerate() {
        let status = if number == last { END_OF_MESSAGE } else { 0 };
        let length = u16::try_from(chunk.len() + HEADER).unwrap_or_else(|_| unreachable!("a chunk fits into a packet"));
        let [high, low] = length.to_be_bytes();
        framed.extend([PRELOGIN, status, high, low, 0, 0, 0, 0]);
        framed.extend(chunk);
    }
    framed
}

/// Reads the server's answer, which is one short message.
pub(super) async fn read_answer(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut answer = Vec::new();
    loop {
        let mut header = [0; HEADER];
        // The first byte alone shows whether it is TDS; other protocols may send fewer bytes than a header.
        stream.read_exact(&mut header[..1]).await?;
        if header[0] != RESPONSE {
            // Other protocols are recognised by the first bytes that the guard keeps, so a few more are read.
            let _read = timeout(GLANCE, stream.read(&mut [0; 64])).await;
            return Err(malformed("the answer is not a TDS packet"));
        }
        stream.read_exact(&mut header[1..]).await?;
        let start = answer.len();
        let more = read_header(header).map(|(_, length)| length).filter(|length| start + length <= ANSWER);
        answer.resize(start + more.ok_or_else(|| malformed("a TDS packet of an impossible length"))?, 0);
        stream.read_exact(&mut answer[start..]).await?;
        if header[1] & END_OF_MESSAGE != 0 {
            return Ok(answer);
        }
    }
}

/// The most packets of a dialogue: a login and one row take five.
const MOST: u32 = 256;

/// Counts and validates the packets of a dialogue: tiberius accepts packets of any type from a server, waits for as
/// many bytes as they announce, and reads on as long as they arrive.
#[derive(Debug, Default)]
pub(super) struct Packets {
    header: [u8; HEADER],
    header_read: usize,
    payload_left: usize,
    count: u32,
}

impl Packets {
    /// Processes the next `bytes` of the server.
    pub(super) fn pass(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let payload = self.payload_left.min(bytes.len());
            self.payload_left -= payload;
            bytes = &bytes[payload..];
            let Some((&next, rest)) = bytes.split_first() else { break };
            if self.header_read == 0 && next != RESPONSE {
                return Err(malformed("a packet that is not a server's"));
            }
            self.header[self.header_read] = next;
            self.header_read += 1;
            bytes = rest;
            if self.header_read == HEADER {
                self.header_read = 0;
                self.count += 1;
                if self.count > MOST {
                    return Err(malformed("a dialogue of too many packets"));
                }
                let (_, length) =
                    read_header(self.header).ok_or_else(|| malformed("a TDS packet of an impossible length"))?;
                self.payload_left = length;
            }
        }
        Ok(())
    }
}

/// The error for malformed bytes.
pub(super) fn malformed(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_payloads_become_several_packets_of_one_message() {
        let framed = frame(&[7; 4088 + 10]);
        assert_eq!(framed[..4], [PRELOGIN, 0, 0x10, 0x00]);
        assert_eq!(framed[4096..4100], [PRELOGIN, END_OF_MESSAGE, 0, 18]);
        assert_eq!(framed.len(), 4096 + 18);
        assert!(frame(&[]).is_empty());
    }

    #[test]
    fn packets_are_followed_however_they_are_cut() {
        let good = [&[4, 0, 0, 10, 0, 0, 0, 0, 0xa7, 0xa7][..], &[4, 1, 0, 8, 0, 0, 0, 0]].concat();
        for size in 1..=good.len() {
            let mut packets = Packets::default();
            for piece in good.chunks(size) {
                packets.pass(piece).unwrap();
            }
            assert!(packets.pass(&[0xa7]).is_err(), "{size}");
        }
        assert!(Packets::default().pass(&[4, 1, 0, 7, 0, 0, 0, 0]).is_err());
        let packets = |count| Packets::default().pass(&[4, 0, 0, 8, 0, 0, 0, 0].repeat(count));
        assert!(packets(256).is_ok() && packets(257).is_err());
    }

    #[tokio::test]
    async fn an_answer_may_come_in_parts_but_not_without_end() {
        let mut parts: &[u8] = &[4, 0, 0, 10, 0, 0, 0, 0, b'a', b'b', 4, 1, 0, 9, 0, 0, 0, 0, b'c'];
        assert_eq!(read_answer(&mut parts).await.unwrap(), b"abc");
        let endless = [4, 0, 0x10, 0, 0, 0, 0, 0].into_iter().chain([0; 4088]).collect::<Vec<u8>>().repeat(3);
        for mut bytes in [&endless[..], b"SSH-2.0-OpenSSH", b"HTTP/1.1 400 Bad Request", &[4, 1, 0, 7, 0, 0, 0, 0]] {
            let error = read_answer(&mut bytes).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        }
    }
}
