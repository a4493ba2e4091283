//! Where a message of a client's ends: each protocol says so for itself, with what several have in common.

use std::io::{self, Read};

/// Reads one message of a client's, `true`: the first of its connection.
pub type Framing = fn(&mut dyn Read, bool) -> io::Result<Vec<u8>>;

/// A request over HTTP, to the empty line; no request here has a body.
pub fn http(from: &mut dyn Read, _first: bool) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    while !message.ends_with(b"\r\n\r\n") {
        take(from, &mut message, 1)?;
    }
    Ok(message)
}

/// Appends exactly `count` bytes to `message`.
pub fn take(from: &mut dyn Read, message: &mut Vec<u8>, count: usize) -> io::Result<()> {
    let start = message.len();
    message.resize(start + count, 0);
    from.read_exact(&mut message[start..])
}
