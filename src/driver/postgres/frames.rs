//! The frames of the protocol, as the server sends them: a tag, a length, a body. Bounds what a
//! server may say, before the driver crate believes a length or waits for a body.

use std::io;

/// The longest message of the authentication; real ones stay under 1 KiB.
const LONGEST_REQUEST: usize = 8 << 10;
/// The longest of the others until the session is ready.
const LONGEST_BEFORE_READY: usize = 64 << 10;
/// The longest of a session; more does not fit into the stream's budget.
const LONGEST: usize = 1 << 20;
/// How many messages may come until the session is ready; real servers send about twenty.
const MOST_BEFORE_READY: u32 = 256;

/// A complete message of the server's.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// `R`: it asks for proof, or has had enough of it.
    Authentication(Vec<u8>),
    /// Any other, which nobody needs to read here.
    Other,
}

/// Cuts what the server sends into messages, however it arrives.
#[derive(Default)]
pub(super) struct Frames {
    header: Vec<u8>,
    body: Vec<u8>,
    /// How much of the body is still to come.
    left: usize,
    count: u32,
    ready: bool,
}

impl Frames {
    /// Takes from the front of `bytes` up to the end of one message; `None` when they run out before.
    pub(super) fn next(&mut self, bytes: &mut &[u8]) -> io::Result<Option<Message>> {
        if self.header.len() < 5 {
            let missing = 5 - self.header.len();
            self.header.extend_from_slice(take(bytes, missing));
            let [tag, a, b, c, d] = self.header[..] else { return Ok(None) };
            self.left = self.body_length(tag, u32::from_be_bytes([a, b, c, d]))?;
        }
        let part = take(bytes, self.left);
        self.left -= part.len();
        let tag = self.header[0];
        if tag == b'R' {
            self.body.extend_from_slice(part);
        }
        if self.left > 0 {
            return Ok(None);
        }
        self.header.clear();
        self.ready |= tag == b'Z';
        let body = std::mem::take(&mut self.body);
        Ok(Some(if tag == b'R' { Message::Authentication(body) } else { Message::Other }))
    }

    fn body_length(&mut self, tag: u8, length: u32) -> io::Result<usize> {
        let longest = match tag {
            _ if self.ready => LONGEST,
            b'R' => LONGEST_REQUEST,
            b'E' | b'N' | b'S' | b'K' | b'Z' => LONGEST_BEFORE_READY,
            _ => return Err(nonsense("a message that has no place in a login")),
        };
        self.count += 1;
        if !self.ready && self.count > MOST_BEFORE_READY {
            return Err(nonsense("a login of too many messages"));
        }
        match usize::try_from(length) {
            Ok(length) if (4..=longest).contains(&length) => Ok(length - 4),
            _ => Err(nonsense("a message of an impossible length")),
        }
    }
}

/// Something that no PostgreSQL server says.
pub(super) fn nonsense(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn take<'a>(bytes: &mut &'a [u8], most: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(most.min(bytes.len()));
    *bytes = rest;
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGIN: &[u8] = b"R\0\0\0\x08\0\0\0\x05S\0\0\0\x08a\0b\0Z\0\0\0\x05I1\0\0\0\x04";

    fn messages(chunks: &[&[u8]]) -> io::Result<Vec<Message>> {
        let mut frames = Frames::default();
        let mut messages = Vec::new();
        for chunk in chunks {
            let mut bytes = *chunk;
            while !bytes.is_empty() {
                messages.extend(frames.next(&mut bytes)?);
            }
        }
        Ok(messages)
    }

    #[test]
    fn messages_are_the_same_however_they_arrive() {
        let expected = [Message::Authentication(vec![0, 0, 0, 5]), Message::Other, Message::Other, Message::Other];
        for cut in 0..=LOGIN.len() {
            let (front, back) = LOGIN.split_at(cut);
            assert_eq!(messages(&[front, back]).unwrap(), expected, "cut at {cut}");
        }
        assert_eq!(messages(&LOGIN.chunks(1).collect::<Vec<_>>()).unwrap(), expected);
    }

    #[test]
    fn what_no_server_says_is_stopped_at_the_header() {
        for bytes in [
            b"HTTP/1.1 400 Bad Request".as_slice(),
            b"SSH-2.0-OpenSSH_9.2",
            b"R\0\0\0\x03",
            b"R\0\0\x20\x01",
            b"R\xff\xff\xff\xff",
            b"S\x7f\xff\xff\xff",
            b"D\0\0\0\x06\0\0",
            b"\0\0\0\0\0\0\0\0",
        ] {
            let error = messages(&[bytes]).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn a_login_is_bounded_in_messages_and_a_session_is_not() {
        let endless = b"S\0\0\0\x04".repeat(MOST_BEFORE_READY as usize + 1);
        assert!(messages(&[&endless]).is_err());
        let session = [b"Z\0\0\0\x05I".to_vec(), b"D\0\0\0\x04".repeat(10_000)].concat();
        assert_eq!(messages(&[&session]).unwrap().len(), 10_001);
    }
}
