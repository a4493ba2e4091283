//! What answers there, known by its first bytes.

/// A protocol that is known by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protocol {
    /// PostgreSQL.
    Postgres,
    /// MySQL or MariaDB.
    Mysql,
    /// SQL Server (TDS).
    Tds,
    /// MongoDB.
    Mongodb,
    /// HTTP.
    Http,
    /// SSH.
    Ssh,
    /// SMTP or FTP (both greet with `220`).
    SmtpOrFtp,
    /// IMAP or POP3.
    ImapOrPop3,
    /// Redis.
    Redis,
    /// AMQP, as `RabbitMQ` speaks it.
    Amqp,
    /// VNC.
    Vnc,
    /// TLS.
    Tls,
    /// Telnet.
    Telnet,
}

/// The protocols whose servers count handshakes that are not finished, and their drivers.
pub const COUNT_INTERRUPTIONS: &[(Protocol, &str)] = &[(Protocol::Mysql, "mysql")];

impl Protocol {
    /// Its name, as people know it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::Mysql => "MySQL or MariaDB",
            Self::Tds => "SQL Server",
            Self::Mongodb => "MongoDB",
            Self::Http => "HTTP",
            Self::Ssh => "SSH",
            Self::SmtpOrFtp => "SMTP or FTP",
            Self::ImapOrPop3 => "IMAP or POP3",
            Self::Redis => "Redis",
            Self::Amqp => "AMQP",
            Self::Vnc => "VNC",
            Self::Tls => "TLS",
            Self::Telnet => "Telnet",
        }
    }

    /// The driver whose servers these are, where they count handshakes that are not finished, whatever protocol the client
    /// means to speak, and block its host after some: MySQL's and MariaDB's `max_connect_errors`.
    #[must_use]
    pub fn counts_interruptions(self) -> Option<&'static str> {
        COUNT_INTERRUPTIONS.iter().find(|(protocol, _)| *protocol == self).map(|(_, driver)| *driver)
    }

    /// Who speaks it, with the article: `an SSH server`.
    #[must_use]
    pub fn server(self) -> String {
        let article = match self {
            Self::Http | Self::Ssh | Self::SmtpOrFtp | Self::ImapOrPop3 | Self::Amqp => "an",
            _ => "a",
        };
        match self {
            Self::Tds => format!("{article} {}", self.name()),
            _ => format!("{article} {} server", self.name()),
        }
    }
}

/// Whose `first` bytes say that it is none of the servers that count: no greeting of MySQL's begins like that.
const TELLING: usize = 7;

/// What the `first` bytes of a peer say of whether it counts handshakes that are not finished; `None` as long as they are
/// too few.
#[must_use]
pub fn counts(first: &[u8]) -> Option<Option<&'static str>> {
    match recognise(first) {
        Some(protocol) => Some(protocol.counts_interruptions()),
        None => (first.len() >= TELLING).then_some(None),
    }
}

/// The protocol that `first`, the first bytes a peer sent, belong to.
#[must_use]
pub fn recognise(first: &[u8]) -> Option<Protocol> {
    text(first).or_else(|| binary(first))
}

fn text(first: &[u8]) -> Option<Protocol> {
    const OPENINGS: &[(&[u8], Protocol)] = &[
        (b"HTTP/", Protocol::Http),
        (b"<html", Protocol::Http),
        (b"<HTML", Protocol::Http),
        (b"<!DOCTYPE", Protocol::Http),
        (b"SSH-", Protocol::Ssh),
        (b"220 ", Protocol::SmtpOrFtp),
        (b"220-", Protocol::SmtpOrFtp),
        (b"421 ", Protocol::SmtpOrFtp),
        (b"554 ", Protocol::SmtpOrFtp),
        (b"* OK ", Protocol::ImapOrPop3),
        (b"+OK ", Protocol::ImapOrPop3),
        (b"-ERR ", Protocol::Redis),
        (b"-NOAUTH ", Protocol::Redis),
        (b"-DENIED ", Protocol::Redis),
        (b"AMQP", Protocol::Amqp),
        (b"RFB 0", Protocol::Vnc),
        // What PostgreSQL says to a startup packet that it cannot read at all.
        (b"EFATAL:", Protocol::Postgres),
    ];
    OPENINGS.iter().find(|(opening, _)| first.starts_with(opening)).map(|(_, protocol)| *protocol)
}

fn binary(first: &[u8]) -> Option<Protocol> {
    let protocol = match first {
        [0x15 | 0x16, 3, 0..=4, ..] => Protocol::Tls,
        // IAC, then WILL, WONT, DO or DONT.
        [0xff, 0xfb..=0xfe, ..] => Protocol::Telnet,
        // In this order: a greeting's connection id may look like MongoDB's operation.
        _ if is_mysql_greeting(first) => Protocol::Mysql,
        _ if is_mongodb(first) => Protocol::Mongodb,
        _ if is_mysql_error(first) => Protocol::Mysql,
        // A tabular result, whole, longer than its own header; process, packet, window.
        [4, 1, high, low, _, _, _, 0, ..] if *high > 0 || *low > 8 => Protocol::Tds,
        _ if is_postgres(first) => Protocol::Postgres,
        _ => return None,
    };
    Some(protocol)
}

/// A message header: length, two ids, then an operation that servers answer with.
fn is_mongodb(first: &[u8]) -> bool {
    const OP_REPLY: u32 = 1;
    const OP_COMPRESSED: u32 = 2012;
    const OP_MSG: u32 = 2013;
    let (fields, _) = first.as_chunks::<4>();
    let [length, _request, _response, operation, ..] = *fields else { return false };
    (21..=48 << 20).contains(&u32::from_le_bytes(length))
        && matches!(u32::from_le_bytes(operation), OP_REPLY | OP_COMPRESSED | OP_MSG)
}

/// The first packet of a dialogue: protocol 10, then a version like `8.4` or `10.11`.
fn is_mysql_greeting(first: &[u8]) -> bool {
    let [_, _, 0, 0, 10, version @ ..] = first else { return false };
    version.first().is_some_and(u8::is_ascii_digit) && version.iter().skip(1).take(2).any(|byte| *byte == b'.')
}

/// An error in its place, or in answer to nonsense.
fn is_mysql_error(first: &[u8]) -> bool {
    let [_, _, 0, 0..=2, 0xff, low, high, ..] = *first else { return false };
    (1000..=5000).contains(&u16::from_le_bytes([low, high]))
}

/// One of the messages that a login may begin with. A lone answer to PostgreSQL's request for TLS is none: nobody else
/// asks for it, and many a text begins with that letter.
fn is_postgres(first: &[u8]) -> bool {
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

    #[test]
    fn first_bytes_tell_the_protocol() {
        let table: &[(&[u8], Option<Protocol>)] = &[
            (b"HTTP/1.1 400 Bad Request\r\n", Some(Protocol::Http)),
            (b"<!DOCTYPE html>", Some(Protocol::Http)),
            (b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", Some(Protocol::Ssh)),
            (b"220 mail.example ESMTP Postfix\r\n", Some(Protocol::SmtpOrFtp)),
            (b"220-FTP server ready\r\n", Some(Protocol::SmtpOrFtp)),
            (b"* OK IMAP4rev1 ready\r\n", Some(Protocol::ImapOrPop3)),
            (b"-ERR unknown command\r\n", Some(Protocol::Redis)),
            (b"-DENIED Redis is running in protected mode", Some(Protocol::Redis)),
            (b"AMQP\0\0\x09\x01", Some(Protocol::Amqp)),
            (b"RFB 003.008\n", Some(Protocol::Vnc)),
            (b"\x15\x03\x03\x00\x02\x02\x28", Some(Protocol::Tls)),
            (b"\x16\x03\x03\x00\x7a\x02", Some(Protocol::Tls)),
            (b"\xff\xfd\x18\xff\xfd\x20", Some(Protocol::Telnet)),
            (b"N", None),
            (b"S", None),
            (b"E\0\0\0\x64SFATAL\0VFATAL\0C28P01\0", Some(Protocol::Postgres)),
            (b"EFATAL:  unsupported frontend protocol", Some(Protocol::Postgres)),
            (b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0", Some(Protocol::Postgres)),
            (b"R\0\0\0\x08\0\0\0\0S", Some(Protocol::Postgres)),
            (b"\x4a\0\0\0\x0a8.4.3\0\x0b\0\0\0", Some(Protocol::Mysql)),
            (b"\x5a\0\0\0\x0a5.5.5-10.11.6-MariaDB\0", Some(Protocol::Mysql)),
            (b"\x4a\0\0\0\x0a8.0.36\0\x01\0\0\0salt", Some(Protocol::Mysql)),
            (b"\x4a\0\0\0\x0a8.0.36\0\xdd\x07\0\0salt", Some(Protocol::Mysql)),
            (b"\x45\0\0\0\xff\x6a\x04Host 'a' is not allowed", Some(Protocol::Mysql)),
            (b"\x10\0\0\x01\xff\x84\x04#08S01Bad handshake", Some(Protocol::Mysql)),
            (b"\x04\x01\0\x25\0\0\x01\0\0\0\x15\0\x06", Some(Protocol::Tds)),
            (b"\x44\x01\0\0\x0a\x39\0\0\x01\0\0\0\xdd\x07\0\0\0\0\0\0\0", Some(Protocol::Mongodb)),
            (b"\x24\0\0\0\x01\0\0\0\x02\0\0\0\x01\0\0\0\x08", Some(Protocol::Mongodb)),
            (b"", None),
            (b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", None),
            (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", None),
            (b"hello, world\n", None),
        ];
        for (first, expected) in table {
            assert_eq!(recognise(first), *expected, "{}", first.escape_ascii());
        }
    }

    #[test]
    fn what_only_looks_like_a_protocol_is_none() {
        let table: &[(&str, &[u8])] = &[
            ("a TDS packet that is nothing but its header", b"\x04\x01\0\x08\0\0\x01\0"),
            ("a TDS packet with a window", b"\x04\x01\0\x25\0\0\x01\x01"),
            ("a MySQL greeting whose version is no number", b"\x4a\0\0\0\x0aeight.4\0"),
            ("a MySQL greeting whose version has no point", b"\x4a\0\0\0\x0a8888888\0"),
            ("a MySQL greeting with a later number", b"\x4a\0\0\x01\x0a8.4.3\0"),
            ("a MySQL error of a client's own", b"\x45\0\0\0\xff\x01\0no"),
            ("a MySQL error late in a dialogue", b"\x45\0\0\x07\xff\x6a\x04no"),
            ("a MongoDB message of no operation", b"\x44\x01\0\0\x0a\x39\0\0\x01\0\0\0\xff\xff\0\0"),
            ("a MongoDB message of 64 MiB", b"\0\0\0\x04\x0a\x39\0\0\x01\0\0\0\xdd\x07\0\0"),
            ("a MongoDB message shorter than any", b"\x14\0\0\0\x0a\x39\0\0\x01\0\0\0\xdd\x07\0\0"),
            ("a PostgreSQL error without a field", b"E\0\0\0\x64nothing"),
            ("a PostgreSQL error of a gigabyte", b"E\x40\0\0\0SFATAL\0"),
            ("a request for an unknown proof", b"R\0\0\0\x08\0\0\0\x63"),
            ("a request for a proof that is too long", b"R\0\x01\0\0\0\0\0\x0a"),
            ("a PostgreSQL parameter without a name", b"S\0\0\0\x16\0"),
            ("a PostgreSQL parameter that is too long", b"S\0\x01\0\0name"),
            ("a short negotiation of the version", b"v\0\0\0\x04"),
            ("a letter of PostgreSQL's that begins no login", b"Z\0\0\0\x05I"),
        ];
        for (case, first) in table {
            assert_eq!(recognise(first), None, "{case}");
        }
    }

    #[test]
    fn what_begins_a_postgres_login_is_postgres() {
        let table: &[(&str, &[u8])] = &[
            ("a notice", b"N\0\0\0\x40SNOTICE\0"),
            ("a parameter", b"S\0\0\0\x16server_version\x0016\0"),
            ("the version negotiated", b"v\0\0\0\x0c\0\x03\0\0\0\0\0\0"),
        ];
        for (case, first) in table {
            assert_eq!(recognise(first), Some(Protocol::Postgres), "{case}");
        }
    }

    #[test]
    fn a_tds_answer_longer_than_its_header_is_one() {
        for length in [[0, 9], [1, 0], [1, 4]] {
            let first = [4, 1, length[0], length[1], 0, 0, 1, 0];
            assert_eq!(recognise(&first), Some(Protocol::Tds), "{length:?}");
        }
    }

    #[test]
    fn a_server_is_named_with_its_article() {
        for (protocol, name) in [
            (Protocol::Postgres, "a PostgreSQL server"),
            (Protocol::Mysql, "a MySQL or MariaDB server"),
            (Protocol::Tds, "a SQL Server"),
            (Protocol::Mongodb, "a MongoDB server"),
            (Protocol::Http, "an HTTP server"),
            (Protocol::Ssh, "an SSH server"),
            (Protocol::SmtpOrFtp, "an SMTP or FTP server"),
            (Protocol::ImapOrPop3, "an IMAP or POP3 server"),
            (Protocol::Redis, "a Redis server"),
            (Protocol::Amqp, "an AMQP server"),
            (Protocol::Vnc, "a VNC server"),
            (Protocol::Tls, "a TLS server"),
            (Protocol::Telnet, "a Telnet server"),
        ] {
            assert_eq!(protocol.server(), name);
        }
    }
}
