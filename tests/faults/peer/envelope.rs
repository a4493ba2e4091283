//! The server's side of TLS inside TDS: during the handshake, TLS records travel in PRELOGIN packets.

use std::io::{self, Read, Write};
use std::net::TcpStream;

/// A socket that wraps its bytes in packets until `open` is called.
pub(super) struct Envelope {
    socket: TcpStream,
    sealed: bool,
    left: usize,
}

impl Envelope {
    /// Wraps `socket`; `sealed` starts with packets.
    pub(super) fn around(socket: TcpStream, sealed: bool) -> Self {
        Self { socket, sealed, left: 0 }
    }

    /// Bytes are sent without packets from now on.
    pub(super) fn open(&mut self) {
        self.sealed = false;
    }
}

impl Read for Envelope {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.sealed {
            return self.socket.read(buffer);
        }
        while self.left == 0 {
            let mut header = [0; 8];
            self.socket.read_exact(&mut header)?;
            self.left = usize::from(u16::from_be_bytes([header[2], header[3]])).saturating_sub(8);
        }
        let most = self.left.min(buffer.len());
        let read = self.socket.read(&mut buffer[..most])?;
        self.left -= read;
        Ok(read)
    }
}

impl Write for Envelope {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.sealed {
            return self.socket.write(bytes);
        }
        let some = &bytes[..bytes.len().min(4000)];
        self.socket.write_all(&in_packet(some))?;
        Ok(some.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

/// `record` in a packet of its own.
pub fn in_packet(record: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(record.len() + 8).unwrap().to_be_bytes();
    [&[0x12, 1, high, low, 0, 0, 0, 0], record].concat()
}
