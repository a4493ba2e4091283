//! Recognises PostgreSQL by its first bytes.

use crate::driver::registry::protocols;
use crate::net::sniff::{Likeness, Protocol, begins};

/// The protocol of its servers.
pub static PROTOCOL: Protocol = Protocol::new("PostgreSQL", "a PostgreSQL server", is).among(protocols);

/// Whether they are one of the messages with which a login may begin. A single byte that answers the request for TLS
/// does not count: other clients do not send that request, and many texts begin with that letter.
fn is(first: &[u8]) -> Option<Likeness> {
    // The server's answer to a startup packet that it cannot parse.
    begins(first, &[b"EFATAL:"]).or_else(|| is_message(first).then_some(Likeness::Possible))
}

fn is_message(first: &[u8]) -> bool {
    let [tag, a, b, c, d, rest @ ..] = first else { return false };
    let length = u32::from_be_bytes([*a, *b, *c, *d]);
    match tag {
        b'E' | b'N' => (6..=65_536).contains(&length) && matches!(rest.first(), Some(b'S' | b'V' | b'C' | b'M')),
        b'R' => (8..=4_096).contains(&length) && matches!(rest, [0, 0, 0, 0..=12, ..]),
        b'S' => (6..=4_096).contains(&length) && rest.first().is_some_and(u8::is_ascii_alphabetic),
        b'v' => (12..=4_096).contains(&length),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::sniff::recognise;

    #[test]
    fn first_bytes_tell_it_from_all_others() {
        const OWN: Option<&str> = Some("PostgreSQL");
        let table: &[(&[u8], Option<&str>)] = &[
            (b"N", None),
            (b"S", None),
            (b"E\0\0\0\x64SFATAL\0VFATAL\0C28P01\0", OWN),
            (b"EFATAL:  unsupported frontend protocol", OWN),
            (b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0", OWN),
            (b"R\0\0\0\x08\0\0\0\0S", OWN),
            // A notice, a parameter, the version negotiated.
            (b"N\0\0\0\x40SNOTICE\0", OWN),
            (b"S\0\0\0\x16server_version\x0016\0", OWN),
            (b"v\0\0\0\x0c\0\x03\0\0\0\0\0\0", OWN),
            // An error without a field, one of a gigabyte, requests for an unknown method and for one that is too long.
            (b"E\0\0\0\x64nothing", None),
            (b"E\x40\0\0\0SFATAL\0", None),
            (b"R\0\0\0\x08\0\0\0\x63", None),
            (b"R\0\x01\0\0\0\0\0\x0a", None),
            // A parameter without a name and one that is too long, a short negotiation, a tag that begins no login.
            (b"S\0\0\0\x16\0", None),
            (b"S\0\x01\0\0name", None),
            (b"v\0\0\0\x04", None),
            (b"Z\0\0\0\x05I", None),
        ];
        for (first, expected) in table {
            let found = recognise(first, protocols()).map(Protocol::name);
            assert_eq!(found, *expected, "{}", first.escape_ascii());
        }
    }
}
