//! TDS packets and messages (MS-TDS 2.2.3): an eight-byte header, followed by the payload of the message's type.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::Error;

/// The length of a packet header in bytes.
pub const HEADER: usize = 8;
/// The largest packet that is written, header included.
pub const PACKET: usize = 4096;
/// The largest message that is read.
const MESSAGE: usize = 256 << 10;
/// The status bit of a message's last packet.
const END_OF_MESSAGE: u8 = 1;

/// Types of messages.
pub mod kind {
    pub const SQL_BATCH: u8 = 1;
    pub const RPC: u8 = 3;
    pub const RESPONSE: u8 = 4;
    pub const ATTENTION: u8 = 6;
    pub const TRANSACTION: u8 = 14;
    pub const LOGIN: u8 = 16;
    pub const PRELOGIN: u8 = 18;
}

/// A complete message.
pub struct Message {
    /// One of [`kind`].
    pub kind: u8,
    /// The payloads of its packets, concatenated.
    pub payload: Vec<u8>,
}

/// The next message; `None` when the client has closed.
pub async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Result<Option<Message>, Error> {
    let mut payload = Vec::new();
    loop {
        let mut header = [0; HEADER];
        if let Err(error) = stream.read_exact(&mut header).await {
            let closed = error.kind() == std::io::ErrorKind::UnexpectedEof && payload.is_empty();
            return if closed { Ok(None) } else { Err(error.into()) };
        }
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        let start = payload.len();
        let Some(more) = length.checked_sub(HEADER).filter(|more| start + more <= MESSAGE) else {
            return Err(format!("not a TDS packet: {header:02x?}").into());
        };
        payload.resize(start + more, 0);
        stream.read_exact(&mut payload[start..]).await?;
        if header[1] & END_OF_MESSAGE != 0 {
            return Ok(Some(Message { kind: header[0], payload }));
        }
    }
}

/// Writes `payload` as one message.
pub async fn write(stream: &mut (impl AsyncWrite + Unpin), kind: u8, payload: &[u8]) -> Result<(), Error> {
    stream.write_all(&frame(kind, payload)).await?;
    stream.flush().await?;
    Ok(())
}

/// `payload` cut into packets.
pub fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
    let mut framed = Vec::with_capacity(payload.len() + HEADER);
    let mut chunks = payload.chunks(PACKET - HEADER).peekable();
    let mut number = 1_u8;
    while let Some(chunk) = chunks.next() {
        let status = if chunks.peek().is_none() { END_OF_MESSAGE } else { 0 };
        let [high, low] = u16::try_from(chunk.len() + HEADER).expect("a chunk is at most a packet").to_be_bytes();
        framed.extend([kind, status, high, low, 0, 0, number, 0]);
        framed.extend(chunk);
        number = number.wrapping_add(1);
    }
    framed
}
