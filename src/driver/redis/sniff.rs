//! Recognises Redis by its first bytes: an error that it sends unasked, or in answer to data that it cannot parse.

use crate::driver::registry::protocols;
use crate::net::sniff::{Protocol, begins};

/// The protocol of its servers.
pub static PROTOCOL: Protocol =
    Protocol::new("Redis", "a Redis server", |first| begins(first, &[b"-ERR ", b"-NOAUTH ", b"-DENIED "]))
        .among(protocols);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::sniff::recognise;

    #[test]
    fn first_bytes_tell_it_from_all_others() {
        const OWN: Option<&str> = Some("Redis");
        let table: &[(&[u8], Option<&str>)] = &[
            (b"-ERR unknown command\r\n", OWN),
            (b"-DENIED Redis is running in protected mode", OWN),
            (b"+PONG\r\n", None),
        ];
        for (first, expected) in table {
            let found = recognise(first, protocols()).map(Protocol::name);
            assert_eq!(found, *expected, "{}", first.escape_ascii());
        }
    }
}
