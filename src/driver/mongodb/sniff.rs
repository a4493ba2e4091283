//! Recognises MongoDB by its first bytes.

use crate::driver::registry::protocols;
use crate::net::sniff::{Likeness, Protocol};

/// The protocol of its servers.
pub static PROTOCOL: Protocol = Protocol::new("MongoDB", "a MongoDB server", is).among(protocols);

/// Whether it is a message header: length, two ids, then an operation that servers answer with.
fn is(first: &[u8]) -> Option<Likeness> {
    const OP_REPLY: u32 = 1;
    const OP_COMPRESSED: u32 = 2012;
    const OP_MSG: u32 = 2013;
    let (fields, _) = first.as_chunks::<4>();
    let [length, _request, _response, operation, ..] = *fields else { return None };
    let fits = (21..=48 << 20).contains(&u32::from_le_bytes(length))
        && matches!(u32::from_le_bytes(operation), OP_REPLY | OP_COMPRESSED | OP_MSG);
    fits.then_some(Likeness::Likely)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::sniff::recognise;

    #[test]
    fn first_bytes_tell_it_from_all_others() {
        const OWN: Option<&str> = Some("MongoDB");
        let table: &[(&[u8], Option<&str>)] = &[
            (b"\x44\x01\0\0\x0a\x39\0\0\x01\0\0\0\xdd\x07\0\0\0\0\0\0\0", OWN),
            (b"\x24\0\0\0\x01\0\0\0\x02\0\0\0\x01\0\0\0\x08", OWN),
            // An unknown operation, a length of 64 MiB, and a length that is too short.
            (b"\x44\x01\0\0\x0a\x39\0\0\x01\0\0\0\xff\xff\0\0", None),
            (b"\0\0\0\x04\x0a\x39\0\0\x01\0\0\0\xdd\x07\0\0", None),
            (b"\x14\0\0\0\x0a\x39\0\0\x01\0\0\0\xdd\x07\0\0", None),
        ];
        for (first, expected) in table {
            let found = recognise(first, protocols()).map(Protocol::name);
            assert_eq!(found, *expected, "{}", first.escape_ascii());
        }
    }
}
