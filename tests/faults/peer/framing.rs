//! Where a message of a client's ends, in each of the six protocols.

use std::io::{self, Read};

/// A protocol's way to divide bytes into messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// PostgreSQL: a tag and a length; the first has no tag.
    Postgres,
    /// MySQL: a length of three bytes and a number.
    Mysql,
    /// TDS: packets with a length, the last of a message marked.
    Tds,
    /// MongoDB: a length that counts itself.
    Mongodb,
    /// Redis: an array of texts, each with its length.
    Resp,
    /// HTTP: to the empty line; no request here has a body.
    Http,
}

impl Framing {
    /// Reads one message; `first`: of the connection.
    pub fn read(self, from: &mut dyn Read, first: bool) -> io::Result<Vec<u8>> {
        let mut message = Vec::new();
        match self {
            Self::Postgres => {
                take(from, &mut message, 1)?;
                // The request for TLS and the startup message begin with the high byte of their length.
                if first || message[0] == 0 {
                    take(from, &mut message, 3)?;
                    let length = usize::try_from(u32::from_be_bytes(message[..4].try_into().unwrap())).unwrap();
                    take(from, &mut message, length.saturating_sub(4))?;
                } else {
                    take(from, &mut message, 4)?;
                    let length = usize::try_from(u32::from_be_bytes(message[1..5].try_into().unwrap())).unwrap();
                    take(from, &mut message, length.saturating_sub(4))?;
                }
            }
            Self::Mysql => {
                take(from, &mut message, 4)?;
                let length = u32::from_le_bytes([message[0], message[1], message[2], 0]);
                take(from, &mut message, usize::try_from(length).unwrap())?;
            }
            Self::Tds => loop {
                let start = message.len();
                take(from, &mut message, 8)?;
                let length = u16::from_be_bytes([message[start + 2], message[start + 3]]);
                take(from, &mut message, usize::from(length).saturating_sub(8))?;
                if message[start + 1] & 1 == 1 {
                    break;
                }
            },
            Self::Mongodb => {
                take(from, &mut message, 4)?;
                let length = usize::try_from(u32::from_le_bytes(message[..4].try_into().unwrap())).unwrap();
                take(from, &mut message, length.saturating_sub(4))?;
            }
            Self::Resp => {
                for _ in 0..number(from, &mut message)? {
                    let length = number(from, &mut message)?;
                    take(from, &mut message, length + 2)?;
                }
            }
            Self::Http => {
                while !message.ends_with(b"\r\n\r\n") {
                    take(from, &mut message, 1)?;
                }
            }
        }
        Ok(message)
    }
}

/// The number in the next line.
fn number(from: &mut dyn Read, to: &mut Vec<u8>) -> io::Result<usize> {
    let start = to.len();
    while !to[start..].ends_with(b"\r\n") {
        take(from, to, 1)?;
    }
    let text = String::from_utf8_lossy(&to[start..]).into_owned();
    text[1..].trim_end().parse().map_err(io::Error::other)
}

/// Appends exactly `count` bytes.
fn take(from: &mut dyn Read, to: &mut Vec<u8>, count: usize) -> io::Result<()> {
    let start = to.len();
    to.resize(start + count, 0);
    from.read_exact(&mut to[start..])
}
