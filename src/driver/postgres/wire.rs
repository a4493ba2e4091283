//! The frames of the server's messages: a tag, a length, a body. Enforces bounds before the driver crate trusts a
//! length or waits for a body.

use std::io;

use super::refused::is_old_form;

/// The messages that are held back until they are complete.
const HELD: [u8; 3] = *b"RvK";

/// A tag and a length.
pub(super) const HEADER: usize = 5;

/// The longest message of the authentication; real ones are below 1 KiB.
const LONGEST_REQUEST: usize = 8 << 10;
/// The longest of the others until the session is ready.
const LONGEST_BEFORE_READY: usize = 64 << 10;
/// The longest of all, since the driver crate holds it in memory. A table of connections is read up to as many bytes.
const LONGEST: usize = 64 << 20;
/// How many bytes are read of an error in the form before protocol 3.0.
const LONGEST_OLD: usize = 1 << 10;
/// How many messages may come until the session is ready; real servers send about twenty.
const MOST_BEFORE_READY: u32 = 256;

/// Splits what the server sends into messages, in whatever pieces it arrives, and holds back those that the driver
/// crate must not get unchecked.
pub(super) struct Frames {
    /// The longest message of a session.
    longest: usize,
    /// An incomplete header, or a message that is held back.
    held: Vec<u8>,
    /// How many bytes of the body are still to come.
    left: usize,
    count: u32,
    ready: bool,
    /// Whether an error in the form before protocol 3.0 is arriving: text up to a line end or NUL.
    old: bool,
}

/// A message that the driver crate must not get unchecked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// A message of the authentication.
    Request(Vec<u8>),
    /// The server offers another version of the protocol than the requested one.
    Negotiation(Vec<u8>),
    /// The key for cancelling a query.
    Key(Vec<u8>),
    /// The text of an error in the form before protocol 3.0.
    OldError(Vec<u8>),
}

impl Frames {
    /// Frames of a session on a stream with this byte `budget`, which no message can exceed.
    pub(super) fn within(budget: u64) -> Self {
        let longest = usize::try_from(budget).map_or(LONGEST, |budget| budget.min(LONGEST));
        Self { longest, held: Vec::new(), left: 0, count: 0, ready: false, old: false }
    }

    /// Consumes the front of `bytes` up to the end of one message. A message of the authentication (`R`), of the
    /// protocol's version (`v`) or with a key for cancelling (`K`) is returned when it is complete; any other goes to
    /// `pass` as it arrives.
    pub(super) fn next(&mut self, bytes: &mut &[u8], pass: &mut Vec<u8>) -> io::Result<Option<Frame>> {
        if self.old {
            return Ok(self.old_error(bytes));
        }
        if self.left == 0 {
            let missing = HEADER - self.held.len();
            self.held.extend_from_slice(take(bytes, missing));
            let [tag, a, b, c, d] = self.held[..] else { return Ok(None) };
            let length = u32::from_be_bytes([a, b, c, d]);
            if tag == b'E' && !self.ready && is_old_form(length) {
                self.old = true;
                return Ok(self.old_error(bytes));
            }
            self.left = self.body_length(tag, length)?;
            self.ready |= tag == b'Z';
            if !HELD.contains(&tag) {
                pass.append(&mut self.held);
            }
        }
        let part = take(bytes, self.left);
        self.left -= part.len();
        if self.held.is_empty() {
            pass.extend_from_slice(part);
            return Ok(None);
        }
        self.held.extend_from_slice(part);
        Ok((self.left == 0).then(|| {
            let held = std::mem::take(&mut self.held);
            match held[0] {
                b'v' => Frame::Negotiation(held),
                b'K' => Frame::Key(held),
                _ => Frame::Request(held),
            }
        }))
    }

    /// The complete error in the old form, once its end has arrived.
    fn old_error(&mut self, bytes: &mut &[u8]) -> Option<Frame> {
        const ENDS: [u8; 2] = [0, b'\n'];
        let length = bytes.iter().position(|byte| ENDS.contains(byte)).map_or(bytes.len(), |end| end + 1);
        self.held.extend_from_slice(take(bytes, length));
        let ended = self.held.last().is_some_and(|last| ENDS.contains(last)) || self.held.len() > LONGEST_OLD;
        ended.then(|| self.ended()).flatten()
    }

    /// The error in the old form that has arrived by the end of the stream.
    pub(super) fn ended(&mut self) -> Option<Frame> {
        let held = std::mem::take(&mut self.held);
        (self.old && held.len() > 1).then(|| Frame::OldError(held[1..].to_vec()))
    }

    fn body_length(&mut self, tag: u8, length: u32) -> io::Result<usize> {
        let longest = match tag {
            _ if self.ready => self.longest,
            b'R' | b'v' | b'K' => LONGEST_REQUEST,
            b'E' | b'N' | b'S' | b'Z' => LONGEST_BEFORE_READY,
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

/// The error for something that no PostgreSQL server sends.
pub(super) fn nonsense(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// A message of the client that answers one of the authentication.
pub(super) fn answer(body: &[u8]) -> Vec<u8> {
    [b"p", &length(4 + body.len())[..], body].concat()
}

/// The answer that selects a SASL mechanism and opens its exchange.
pub(super) fn sasl_opening(mechanism: &str, opening: &str) -> Vec<u8> {
    answer(&[mechanism.as_bytes(), &[0], &length(opening.len()), opening.as_bytes()].concat())
}

fn length(bytes: usize) -> [u8; 4] {
    let Ok(length) = u32::try_from(bytes) else { unreachable!("our messages are as short as the server's") };
    length.to_be_bytes()
}

fn take<'a>(bytes: &mut &'a [u8], most: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(most.min(bytes.len()));
    *bytes = rest;
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGIN: &[u8] = b"R\0\0\0\x08\0\0\0\x05S\0\0\0\x08a\0b\0Z\0\0\0\x05IR\0\0\0\x041\0\0\0\x04";

    /// The messages of the authentication, and all other bytes.
    fn sort(chunks: &[&[u8]]) -> io::Result<(Vec<Vec<u8>>, Vec<u8>)> {
        let mut frames = Frames::within(1 << 20);
        let (mut requests, mut pass) = (Vec::new(), Vec::new());
        for chunk in chunks {
            let mut bytes = *chunk;
            while !bytes.is_empty() {
                match frames.next(&mut bytes, &mut pass)? {
                    Some(Frame::Request(request)) => requests.push(request),
                    Some(Frame::Key(key)) => pass.extend(key),
                    Some(other) => panic!("{other:?}"),
                    None => {}
                }
            }
        }
        Ok((requests, pass))
    }

    #[test]
    fn messages_are_the_same_however_they_arrive() {
        let requests = vec![LOGIN[..9].to_vec(), b"R\0\0\0\x04".to_vec()];
        let expected = (requests, [&LOGIN[9..24], &LOGIN[29..]].concat());
        for cut in 0..=LOGIN.len() {
            let (front, back) = LOGIN.split_at(cut);
            assert_eq!(sort(&[front, back]).unwrap(), expected, "cut at {cut}");
        }
        assert_eq!(sort(&LOGIN.chunks(1).collect::<Vec<_>>()).unwrap(), expected);
    }

    #[test]
    fn what_passes_does_not_wait_for_its_end() {
        let (requests, pass) = sort(&[b"Z\0\0\0\x05ID\0\0\0\xffhalf"]).unwrap();
        assert_eq!((requests.len(), pass.ends_with(b"half")), (0, true));
    }

    #[test]
    fn answers_are_framed() {
        assert_eq!(answer(b"c=biws"), b"p\0\0\0\x0ac=biws");
        assert_eq!(sasl_opening("SCRAM", "n,,"), b"p\0\0\0\x11SCRAM\0\0\0\0\x03n,,");
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
            let error = sort(&[bytes]).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{}", bytes.escape_ascii());
        }
    }

    /// The error of the old form in `chunks`, up to the point where reading stops.
    fn old_error(chunks: &[&[u8]]) -> Option<Vec<u8>> {
        let mut frames = Frames::within(1 << 20);
        for chunk in chunks {
            let mut bytes = *chunk;
            while !bytes.is_empty() {
                if let Some(frame) = frames.next(&mut bytes, &mut Vec::new()).unwrap() {
                    let Frame::OldError(text) = frame else { panic!("{frame:?}") };
                    return Some(text);
                }
            }
        }
        frames.ended().map(|frame| match frame {
            Frame::OldError(text) => text,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn an_error_of_the_old_form_is_whole_however_it_arrives() {
        let error = b"Ecould not fork\n\0";
        for cut in 0..error.len() {
            let (front, back) = error.split_at(cut);
            assert_eq!(old_error(&[front, back]).as_deref(), Some(&error[1..16]), "cut at {cut}");
        }
        assert_eq!(old_error(&[b"Ecould not"]).as_deref(), Some(&b"could not"[..]), "the end of the stream is its end");
        assert!(old_error(&[&[b'E'; 4096]]).is_some_and(|text| text.len() < 4096), "an endless one is cut");
        assert_eq!(old_error(&[b"E\0\0\0\x22SFATAL\0"]), None);
    }

    #[test]
    fn a_login_is_bounded_in_messages_and_a_session_is_not() {
        let endless = b"S\0\0\0\x04".repeat(MOST_BEFORE_READY as usize + 1);
        assert!(sort(&[&endless]).is_err());
        let session = [b"Z\0\0\0\x05I".to_vec(), b"D\0\0\0\x04".repeat(10_000)].concat();
        assert_eq!(sort(&[&session]).unwrap().1, session);
    }

    #[test]
    fn no_message_is_longer_than_the_crate_may_hold_whatever_the_budget() {
        for (length, fine) in [(LONGEST, true), (LONGEST + 1, false)] {
            let header = [&b"Z\0\0\0\x05ID"[..], &super::length(length)].concat();
            let (mut bytes, mut frames) = (&header[..], Frames::within(u64::MAX));
            let mut read = Ok(None);
            while !bytes.is_empty() && read.is_ok() {
                read = frames.next(&mut bytes, &mut Vec::new());
            }
            assert_eq!(read.is_ok(), fine, "{length}");
        }
    }
}
