//! Recognises protocols by the first bytes of a peer. This module has the protocols without a driver; those of a
//! driver's servers are in `driver/NAME/sniff.rs`, and the driver registry combines them.

use std::fmt;

/// How certain it is that bytes belong to a protocol. If several protocols match, the most certain one is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// Few constant bytes match: plausible lengths and letters.
    Possible,
    /// Several fields are consistent.
    Likely,
    /// No other protocol begins with these bytes.
    Certain,
}

/// A protocol that can be recognised by its first bytes.
#[derive(Clone, Copy)]
pub struct Protocol {
    name: &'static str,
    server: &'static str,
    is: fn(&[u8]) -> Option<Likeness>,
    among: fn() -> &'static [&'static Protocol],
}

impl Protocol {
    /// A protocol with its common `name`, the `server` that speaks it (with the article: `an SSH server`), and the
    /// function `is`, which matches the first bytes. It is distinguished from the protocols without a driver.
    #[must_use]
    pub const fn new(name: &'static str, server: &'static str, is: fn(&[u8]) -> Option<Likeness>) -> Self {
        Self { name, server, is, among: foreign }
    }

    /// The same protocol, distinguished from those of `among`.
    #[must_use]
    pub const fn among(mut self, among: fn() -> &'static [&'static Self]) -> Self {
        self.among = among;
        self
    }

    /// The common name of the protocol.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The kind of server that speaks it, with the article: `an SSH server`.
    #[must_use]
    pub fn server(&self) -> &'static str {
        self.server
    }

    /// The protocol that `first`, the first bytes of a peer, belong to, among those that this one is distinguished
    /// from.
    #[must_use]
    pub fn answering(&self, first: &[u8]) -> Option<&'static Self> {
        recognise(first, (self.among)())
    }
}

impl PartialEq for Protocol {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Protocol {}

impl fmt::Debug for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// If this many first bytes match no protocol, the peer is not a server that counts interrupted handshakes: those can
/// be recognised by fewer.
pub const TELLING: usize = 7;

/// The protocol of `among` that `first`, the first bytes of a peer, belong to.
#[must_use]
pub fn recognise(first: &[u8], among: &[&'static Protocol]) -> Option<&'static Protocol> {
    // Among equally certain matches, the first one wins.
    let fitting = among.iter().rev().filter_map(|protocol| Some(((protocol.is)(first)?, *protocol)));
    fitting.max_by_key(|(likeness, _)| *likeness).map(|(_, protocol)| protocol)
}

/// HTTP.
pub const HTTP: Protocol =
    Protocol::new("HTTP", "an HTTP server", |first| begins(first, &[b"HTTP/", b"<html", b"<HTML", b"<!DOCTYPE"]));

/// TLS.
pub const TLS: Protocol = Protocol::new("TLS", "a TLS server", |first| {
    matches!(first, [0x15 | 0x16, 3, 0..=4, ..]).then_some(Likeness::Certain)
});

/// The protocols without a driver.
#[must_use]
pub fn foreign() -> &'static [&'static Protocol] {
    const SSH: Protocol = Protocol::new("SSH", "an SSH server", |first| begins(first, &[b"SSH-"]));
    const SMTP_OR_FTP: Protocol = Protocol::new("SMTP or FTP", "an SMTP or FTP server", |first| {
        begins(first, &[b"220 ", b"220-", b"421 ", b"554 "])
    });
    const IMAP_OR_POP3: Protocol =
        Protocol::new("IMAP or POP3", "an IMAP or POP3 server", |first| begins(first, &[b"* OK ", b"+OK "]));
    const AMQP: Protocol = Protocol::new("AMQP", "an AMQP server", |first| begins(first, &[b"AMQP"]));
    const VNC: Protocol = Protocol::new("VNC", "a VNC server", |first| begins(first, &[b"RFB 0"]));
    // IAC, then WILL, WONT, DO or DONT.
    const TELNET: Protocol = Protocol::new("Telnet", "a Telnet server", |first| {
        matches!(first, [0xff, 0xfb..=0xfe, ..]).then_some(Likeness::Certain)
    });
    // The first frame: SETTINGS of six bytes each on stream 0, or the server's rejection of what it received.
    const HTTP_2: Protocol = Protocol::new("HTTP/2", "an HTTP/2 server", |first| {
        let is_frame = match first {
            [0, 0, length, 4, 0, 0, 0, 0, 0, ..] => length % 6 == 0,
            [0, 0, length, 7, 0, 0, 0, 0, 0, ..] => *length >= 8,
            _ => false,
        };
        is_frame.then_some(Likeness::Likely)
    });
    &[&TLS, &TELNET, &HTTP, &HTTP_2, &SSH, &SMTP_OR_FTP, &IMAP_OR_POP3, &AMQP, &VNC]
}

/// Whether `first` begins with one of `openings`.
#[must_use]
pub fn begins(first: &[u8], openings: &[&[u8]]) -> Option<Likeness> {
    openings.iter().any(|opening| first.starts_with(opening)).then_some(Likeness::Certain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_tell_the_protocol() {
        let table: &[(&[u8], Option<&str>)] = &[
            (b"HTTP/1.1 400 Bad Request\r\n", Some("HTTP")),
            (b"<!DOCTYPE html>", Some("HTTP")),
            (b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x64", Some("HTTP/2")),
            (b"\0\0\0\x04\0\0\0\0\0", Some("HTTP/2")),
            (b"\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\x01", Some("HTTP/2")),
            (b"\0\0\x05\x04\0\0\0\0\0", None),
            (b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", Some("SSH")),
            (b"220 mail.example ESMTP Postfix\r\n", Some("SMTP or FTP")),
            (b"220-FTP server ready\r\n", Some("SMTP or FTP")),
            (b"* OK IMAP4rev1 ready\r\n", Some("IMAP or POP3")),
            (b"AMQP\0\0\x09\x01", Some("AMQP")),
            (b"RFB 003.008\n", Some("VNC")),
            (b"\x15\x03\x03\x00\x02\x02\x28", Some("TLS")),
            (b"\x16\x03\x03\x00\x7a\x02", Some("TLS")),
            (b"\xff\xfd\x18\xff\xfd\x20", Some("Telnet")),
            (b"", None),
            (b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", None),
            (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", None),
            (b"hello, world\n", None),
        ];
        for (first, expected) in table {
            let found = recognise(first, foreign()).map(Protocol::name);
            assert_eq!(found, *expected, "{}", first.escape_ascii());
        }
    }

    #[test]
    fn the_surest_is_believed_and_of_equals_the_first() {
        const WEAK: Protocol = Protocol::new("weak", "a weak server", |_| Some(Likeness::Possible));
        const SURE: Protocol = Protocol::new("sure", "a sure server", |_| Some(Likeness::Certain));
        const LATE: Protocol = Protocol::new("late", "a late server", |_| Some(Likeness::Certain));
        assert_eq!(recognise(b"x", &[&WEAK, &SURE, &LATE]), Some(&SURE));
        assert_eq!(recognise(b"x", &[&WEAK]), Some(&WEAK));
        assert_eq!(recognise(b"x", &[]), None);
    }

    #[test]
    fn a_server_is_named_with_its_article() {
        for protocol in foreign() {
            assert!(protocol.server().ends_with(&format!(" {} server", protocol.name())), "{protocol:?}");
        }
    }
}
