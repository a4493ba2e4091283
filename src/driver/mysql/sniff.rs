//! Recognises MySQL and MariaDB by their first bytes.

use crate::driver::registry::protocols;
use crate::net::sniff::{Likeness, Protocol};

/// The protocol of their servers.
pub static PROTOCOL: Protocol = Protocol::new("MySQL or MariaDB", "a MySQL or MariaDB server", is).among(protocols);

fn is(first: &[u8]) -> Option<Likeness> {
    match first {
        _ if is_greeting(first) => Some(Likeness::Certain),
        _ if is_error(first) => Some(Likeness::Possible),
        _ => None,
    }
}

/// Whether it is the first packet of a dialogue: protocol 10, then a version like `8.4` or `10.11`.
fn is_greeting(first: &[u8]) -> bool {
    let [_, _, 0, 0, 10, version @ ..] = first else { return false };
    version.first().is_some_and(u8::is_ascii_digit) && version.iter().skip(1).take(2).any(|byte| *byte == b'.')
}

/// Whether it is an error in place of the greeting, or in answer to malformed data.
fn is_error(first: &[u8]) -> bool {
    let [_, _, 0, 0..=2, 0xff, low, high, ..] = *first else { return false };
    (1000..=5000).contains(&u16::from_le_bytes([low, high]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::sniff::recognise;

    #[test]
    fn first_bytes_tell_it_from_all_others() {
        const OWN: Option<&str> = Some("MySQL or MariaDB");
        let table: &[(&[u8], Option<&str>)] = &[
            (b"\x4a\0\0\0\x0a8.4.3\0\x0b\0\0\0", OWN),
            (b"\x5a\0\0\0\x0a5.5.5-10.11.6-MariaDB\0", OWN),
            // The number of its connection looks like an operation of MongoDB.
            (b"\x4a\0\0\0\x0a8.0.36\0\x01\0\0\0salt", OWN),
            (b"\x4a\0\0\0\x0a8.0.36\0\xdd\x07\0\0salt", OWN),
            (b"\x45\0\0\0\xff\x6a\x04Host 'a' is not allowed", OWN),
            (b"\x10\0\0\x01\xff\x84\x04#08S01Bad handshake", OWN),
            // Greetings whose version is not a number or has no point, or with a later packet number.
            (b"\x4a\0\0\0\x0aeight.4\0", None),
            (b"\x4a\0\0\0\x0a8888888\0", None),
            (b"\x4a\0\0\x01\x0a8.4.3\0", None),
            // An error code of clients, and an error late in a dialogue.
            (b"\x45\0\0\0\xff\x01\0no", None),
            (b"\x45\0\0\x07\xff\x6a\x04no", None),
        ];
        for (first, expected) in table {
            let found = recognise(first, protocols()).map(Protocol::name);
            assert_eq!(found, *expected, "{}", first.escape_ascii());
        }
    }
}
