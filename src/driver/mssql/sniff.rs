//! SQL Server (TDS) by its first bytes.

use crate::driver::registry::protocols;
use crate::net::sniff::{Likeness, Protocol};

/// What its servers speak.
pub static PROTOCOL: Protocol = Protocol::new("SQL Server", "a SQL Server", is).among(protocols);

/// A tabular result, whole, longer than its own header; process, packet, window.
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
            // Nothing but its header, and one with a window.
            (b"\x04\x01\0\x08\0\0\x01\0", None),
            (b"\x04\x01\0\x25\0\0\x01\x01", None),
        ];
        for (first, expected) in table {
            let found = recognise(first, protocols()).map(Protocol::name);
            assert_eq!(found, *expected, "{}", first.escape_ascii());
        }
    }
}
