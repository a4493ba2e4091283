//! Where a client's message ends. Each protocol has its own framing; this module has what several of them share.

use std::io::{self, Read};

/// Reads one message of the client; `true` for the first message of a connection.
pub type Framing = fn(&mut dyn Read, bool) -> io::Result<Vec<u8>>;

/// An HTTP request, read up to the empty line; no request in these tests has a body.
pub fn http(from: &mut dyn Read, _first: bool) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    while !message.ends_with(b"\r\n\r\n") {
        take(from, &mut message, 1)?;
    }
    Ok(message)
}

/// Reads exactly `count` bytes and appends them to `message`.
pub fn take(from: &mut dyn Read, message: &mut Vec<u8>, count: usize) -> io::Result<()> {
    let start = message.len();
    message.resize(start + count, 0);
    from.read_exact(&mut message[start..])
}
