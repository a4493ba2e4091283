//! Recognises SQL Server (TDS) by its first bytes.

use crate::driver::registry::protocols;
use crate::net::sniff::{Likeness, Protocol};

/// The protocol of its servers.
pub static PROTOCOL: Protocol = Protocol::new("SQL Server", "a SQL Server", is).among(protocols);

/// Whether it is a complete tabular result, longer than its own header; then process, packet, window.
fn is(first: &[u8]) -> Option<Likeness> {
    match first {
        [4, 1, high, low, _, _, _, 0, ..] if *high > 0 || *low > 8 => Some(Likeness::Possible),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::sniff::recognise;

    #[test]
    fn first_bytes_tell_it_from_all_others() {
        const OWN: Option<&str> = Some("SQL Server");
        let table: &[(&[u8], Option<&str>)] = &[
            (b"\x04\x01\0\x25\0\0\x01\0\0\0\x15\0\x06", OWN),
            (b"\x04\x01\0\x09\0\0\x01\0", OWN),
            (b"\x04\x01\x01\0\0\0\x01\0", OWN),
            (b"\x04\x01\x01\x04\0\0\x01\0", OWN),
            // Only a header, and a packet with a window.
            (b"\x04\x01\0\x08\0\0\x01\0", None),
            (b"\x04\x01\0\x25\0\0\x01\x01", None),
        ];
        for (first, expected) in table {
            let found = recognise(first, protocols()).map(Protocol::name);
            assert_eq!(found, *expected, "{}", first.escape_ascii());
        }
    }
}
